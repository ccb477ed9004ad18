// Whom subscribers are in contact with, the most calls and messages first, equals by pseudonym.
// mode: read
// params: starts: list[map], limit: int, node_columns: list[str] | null, tie_columns: list[str] | null, with_knows: bool
// returns: rows: list[map]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[tie:CONTACTED]-(other:Subscriber)
  WHERE other <> subscriber
  WITH other, sum(tie.events) AS rank, collect(tie) AS ties
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND other.subscriber_id > start.after_key)
  WITH other, other.subscriber_id AS key, rank, ties
  ORDER BY rank DESC, key
  LIMIT $limit
  RETURN other, key, rank,
         head([tie IN ties WHERE startNode(tie) = subscriber]) AS outgoing,
         head([tie IN ties WHERE endNode(tie) = subscriber]) AS incoming,
         CASE WHEN $with_knows THEN [(subscriber)-[knows:KNOWS]-(other) | knows.kind] END AS kinds
}
WITH start.position AS position, start.parent AS parent, other, key, rank, outgoing, incoming, kinds
ORDER BY position, rank DESC, key
RETURN collect({
  position: position,
  parent: parent,
  rank: rank,
  key: key,
  node: CASE WHEN $node_columns IS NULL THEN properties(other)
        ELSE [name IN $node_columns | other[name]] END,
  outgoing: CASE WHEN outgoing IS NULL OR $tie_columns IS NULL THEN properties(outgoing)
            ELSE [name IN $tie_columns | outgoing[name]] END,
  incoming: CASE WHEN incoming IS NULL OR $tie_columns IS NULL THEN properties(incoming)
            ELSE [name IN $tie_columns | incoming[name]] END,
  kinds: kinds
}) AS rows
