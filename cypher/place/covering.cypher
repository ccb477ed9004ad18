// Which cells cover places, and with which share of each cell, by identifier of the cell.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, share: float
UNWIND $starts AS start
MATCH (place:Place {h3: start.parent})
CALL (start, place) {
  CALL (place) {
    MATCH (place)<-[:IN*0..4]-(:Place)<-[covers:COVERS]-(cell:Cell)
    RETURN cell, covers.share AS part
    UNION ALL
    // Of what a cell covers of a larger place, a seventh lies in each place right below it.
    MATCH (place)-[levels:IN*1..4]->(:Place)<-[covers:COVERS]-(cell:Cell)
    RETURN cell, covers.share / 7.0 ^ size(levels) AS part
  }
  WITH start, cell, cell.cell_id AS key, sum(part) AS share
  WHERE key > start.after_key
  RETURN cell, key, share
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       cell {.*} AS node,
       share
ORDER BY position, key
