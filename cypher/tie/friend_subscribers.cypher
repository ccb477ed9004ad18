// How many subscribers are in a tie that a third party states, of one kind or of any.
// mode: read
// params: namespace: str | null, kind: str | null
// returns: total: int
MATCH (subscriber:Subscriber)
WHERE ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND EXISTS {
    MATCH (subscriber)-[knows:KNOWS]-()
    WHERE $kind IS NULL OR knows.kind = $kind
  }
RETURN count(subscriber) AS total
