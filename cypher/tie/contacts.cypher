// Whom subscribers are in contact with, the most calls and messages first, equals by pseudonym.
// mode: read
// params: starts: list[map], limit: int, node_columns: list[str] | null, tie_columns: list[str] | null
// returns: rows: list[map]
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
WITH start.position AS position, start.parent AS parent, rank, other, is_friend, kinds,
     [name IN coalesce($node_columns, keys(other)) | [name, other[name]]] AS node,
     CASE WHEN outgoing IS NOT NULL THEN
       [name IN coalesce($tie_columns, keys(outgoing)) | [name, outgoing[name]]]
     END AS outgoing,
     CASE WHEN incoming IS NOT NULL THEN
       [name IN coalesce($tie_columns, keys(incoming)) | [name, incoming[name]]]
     END AS incoming
ORDER BY position, rank DESC, other.subscriber_id
RETURN collect({
  position: position,
  parent: parent,
  rank: rank,
  key: other.subscriber_id,
  node: node,
  outgoing: outgoing,
  incoming: incoming,
  is_friend: is_friend,
  kinds: kinds
}) AS rows
