// How many subscribers have a tie of a channel, in either direction.
// mode: read
// params: channel: str, namespace: str | null
// returns: total: int
MATCH (subscriber:Subscriber)
WHERE ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND EXISTS {
    MATCH (subscriber)-[tie:CONTACTED]-()
    WHERE $channel = 'any'
      OR ($channel = 'call' AND tie.calls > 0)
      OR ($channel = 'message' AND tie.messages > 0)
  }
RETURN count(subscriber) AS total
