// How many pairs know each other by a third party's statement, of one kind or of any, and how many
// of them are one subscriber and itself.
// mode: read
// params: namespace: str | null, kind: str | null
// returns: pairs: int, to_oneself: int
MATCH (subscriber:Subscriber)-[knows:KNOWS]->(other:Subscriber)
WHERE ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND ($kind IS NULL OR knows.kind = $kind)
WITH DISTINCT subscriber, other
RETURN count(*) AS pairs,
       count(CASE WHEN subscriber = other THEN 1 END) AS to_oneself
