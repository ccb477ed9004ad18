// The name of every constraint that the graph has.
// mode: read
// params: -
// returns: name: str
SHOW CONSTRAINTS
YIELD name
RETURN name
