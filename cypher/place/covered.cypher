// Which places cells cover, and with which share of each cell, by H3 index.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, share: float
UNWIND $starts AS start
CALL (start) {
  MATCH (:Cell {cell_id: start.parent})-[covers:COVERS]->(place:Place)
  WHERE place.h3 > start.after_key
  RETURN place, covers
  ORDER BY place.h3
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       place.h3 AS key,
       place {.*} AS node,
       covers.share AS share
ORDER BY position, key
