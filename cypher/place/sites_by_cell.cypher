// The site of each cell.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS key
MATCH (:Cell {cell_id: key})-[:AT]->(site:Site)
RETURN key,
       site {.*} AS node
