// Which places cells cover, and with which share of each cell, by H3 index.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, share: float
UNWIND $starts AS start
MATCH (cell:Cell {cell_id: start.parent})
CALL (start, cell) {
  MATCH (cell)-[covers:COVERS]->(place:Place)
  WITH place, covers, place.h3 AS key
  WHERE key > start.after_key
  RETURN place, covers, key
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       place {.*} AS node,
       covers.share AS share
ORDER BY position, key
