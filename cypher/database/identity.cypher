// The identity of the database, by which the ledger knows which graph has which loads.
// mode: read
// params: -
// returns: graph: str
CALL db.info() YIELD id
RETURN id AS graph
