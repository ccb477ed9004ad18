// Remove all data, for tests.
// mode: write
// params: -
// returns: -
MATCH (node)
DETACH DELETE node
