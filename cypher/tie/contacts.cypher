// Whom subscribers are in contact with, the most calls and messages first, equals by pseudonym; one
// list each of position, what the subscriber carries, and contacts. A contact is a list, too, which
// takes much less to receive than a map: rank, key, kinds, then what is read of the other, of the
// outgoing and of the incoming tie, if there is one: a list each, of one map or of the columns alone.
// mode: read
// params: starts: list[map], limit: int, with_parent: bool, parent_columns: list[str] | null, node_columns: list[str] | null, tie_columns: list[str] | null, with_knows: bool
// returns: found: list[list]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[tie:CONTACTED]-(other)
  WHERE other <> subscriber
  WITH other, sum(tie.events) AS rank, collect(tie) AS ties
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND other.subscriber_id > start.after_key)
  WITH other, other.subscriber_id AS key, rank, ties
  ORDER BY rank DESC, key
  LIMIT $limit
  WITH other, key, rank,
       CASE WHEN startNode(ties[0]) = subscriber THEN ties[0] ELSE ties[1] END AS outgoing,
       CASE WHEN endNode(ties[0]) = subscriber THEN ties[0] ELSE ties[1] END AS incoming,
       CASE WHEN $with_knows THEN [(subscriber)-[knows:KNOWS]-(other) | knows.kind] END AS kinds
  RETURN collect([
    rank, key, kinds,
    CASE WHEN $node_columns IS NULL THEN [properties(other)]
    ELSE [name IN $node_columns | other[name]] END,
    CASE WHEN outgoing IS NULL THEN NULL
    WHEN $tie_columns IS NULL THEN [properties(outgoing)]
    ELSE [name IN $tie_columns | outgoing[name]] END,
    CASE WHEN incoming IS NULL THEN NULL
    WHEN $tie_columns IS NULL THEN [properties(incoming)]
    ELSE [name IN $tie_columns | incoming[name]] END
  ]) AS contacts
}
RETURN collect([
  start.position,
  CASE WHEN NOT $with_parent THEN NULL
  WHEN $parent_columns IS NULL THEN [properties(subscriber)]
  ELSE [name IN $parent_columns | subscriber[name]] END,
  contacts
]) AS found
