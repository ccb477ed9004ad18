// How many subscribers stand in a friendship.
// mode: read
// params: namespace: str | null
// returns: total: int
MATCH (subscriber:Subscriber)
WHERE ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND EXISTS { (subscriber)-[:KNOWS]-() }
RETURN count(subscriber) AS total
