// Whom subscribers know by a third party's statement, of one kind or of any, by pseudonym;
// never themselves. A node is a list of one map, or of the columns that are asked for.
// mode: read
// params: starts: list[map], limit: int, kind: str | null, node_columns: list[str] | null
// returns: position: int, rank: int, key: str, node: list, sources: list[str], kinds: list[str]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[knows:KNOWS]-(other:Subscriber)
  WHERE other <> subscriber
    AND ($kind IS NULL OR knows.kind = $kind)
  WITH other, knows, other.subscriber_id AS key
  WHERE key > start.after_key
  WITH other, knows, key
  ORDER BY knows.source
  WITH other,
       key,
       collect(DISTINCT knows.source) AS sources,
       collect(DISTINCT knows.kind) AS known
  RETURN other, key, sources, COLLECT { UNWIND known AS kind RETURN kind ORDER BY kind } AS kinds
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       CASE WHEN $node_columns IS NULL THEN [properties(other)]
       ELSE [name IN $node_columns | other[name]] END AS node,
       sources,
       kinds
ORDER BY position, key
