// How many services there are.
// mode: read
// params: -
// returns: total: int
MATCH (service:Service)
RETURN count(service) AS total
