// Whom subscribers know by a third party's statement, by pseudonym; never themselves.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, sources: list[str]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[knows:KNOWS]-(other:Subscriber)
  WHERE other <> subscriber
  WITH other, knows, other.subscriber_id AS key
  WHERE key > start.after_key
  WITH other, knows, key
  ORDER BY knows.source
  WITH other, key, collect(DISTINCT knows.source) AS sources
  RETURN other, key, sources
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       other {.*} AS node,
       sources
ORDER BY position, key
