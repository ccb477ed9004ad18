// How many cells there are.
// mode: read
// params: -
// returns: total: int
MATCH (cell:Cell)
RETURN count(cell) AS total
