// How many pairs know each other by a third party's statement, and how many of them are one
// subscriber and itself.
// mode: read
// params: namespace: str | null
// returns: pairs: int, to_oneself: int
MATCH (subscriber:Subscriber)-[:KNOWS]->(other:Subscriber)
WHERE $namespace IS NULL OR subscriber.namespace = $namespace
WITH DISTINCT subscriber, other
RETURN count(*) AS pairs,
       count(CASE WHEN subscriber = other THEN 1 END) AS to_oneself
