// How many packages there are.
// mode: read
// params: -
// returns: total: int
MATCH (package:Package)
RETURN count(package) AS total
