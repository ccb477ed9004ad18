// Whether the database answers at all.
// mode: read
// params: -
// returns: answer: int
RETURN 1 AS answer
