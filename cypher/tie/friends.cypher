// Whom subscribers know by a third party's statement, by pseudonym; never themselves.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, sources: list[str]
UNWIND $starts AS start
CALL (start) {
  MATCH (subscriber:Subscriber {subscriber_id: start.parent})-[knows:KNOWS]-(other:Subscriber)
  WHERE other <> subscriber
    AND other.subscriber_id > start.after_key
  WITH other, knows
  ORDER BY knows.source
  WITH other, collect(DISTINCT knows.source) AS sources
  ORDER BY other.subscriber_id
  LIMIT $limit
  RETURN other, sources
}
RETURN start.position AS position,
       0 AS rank,
       other.subscriber_id AS key,
       other {.*} AS node,
       sources
ORDER BY position, key
