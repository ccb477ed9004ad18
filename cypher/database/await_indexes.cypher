// Wait until every index has been filled.
// mode: read
// params: seconds: int
// returns: -
CALL db.awaitIndexes($seconds)
