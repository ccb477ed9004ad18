// Whom subscribers are in contact with, the most calls and messages first, equals by pseudonym.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, parent: str, rank: int, key: str, node: map, outgoing: map, incoming: map, is_friend: bool, kinds: list[str]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[tie:CONTACTED]-(other:Subscriber)
  WHERE other <> subscriber
  WITH subscriber, other, sum(tie.events) AS rank
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND other.subscriber_id > start.after_key)
  WITH subscriber, other, rank
  ORDER BY rank DESC, other.subscriber_id
  LIMIT $limit
  OPTIONAL MATCH (subscriber)-[outgoing:CONTACTED]->(other)
  OPTIONAL MATCH (subscriber)<-[incoming:CONTACTED]-(other)
  RETURN rank, other, outgoing, incoming,
         EXISTS { (subscriber)-[:KNOWS]-(other) } AS is_friend,
         [(subscriber)-[knows:KNOWS]-(other) | knows.kind] AS kinds
}
RETURN start.position AS position,
       start.parent AS parent,
       rank,
       other.subscriber_id AS key,
       other {.*} AS node,
       outgoing {.*} AS outgoing,
       incoming {.*} AS incoming,
       is_friend,
       kinds
ORDER BY position, rank DESC, key
