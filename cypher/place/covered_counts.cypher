// How many places cells cover.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (cell:Cell {cell_id: key})
RETURN key, COUNT { (cell)-[:COVERS]->(:Place) } AS total
