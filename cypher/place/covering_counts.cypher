// How many cells cover places.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (place:Place {h3: key})
CALL (place) {
  OPTIONAL MATCH (place)<-[:IN*0..4]-(:Place)<-[:COVERS]-(cell:Cell)
  RETURN cell
  UNION
  OPTIONAL MATCH (place)-[:IN*1..4]->(:Place)<-[:COVERS]-(cell:Cell)
  RETURN cell
}
RETURN key, count(DISTINCT cell) AS total
