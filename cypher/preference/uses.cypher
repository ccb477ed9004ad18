// How much subscribers used apps that tell of something, in sessions; who comes after a key, by key.
// mode: read
// params: after: str, limit: int, told: map
// returns: subscriber_id: str, told: str | null, sessions: int, first_at: instant | null, last_at: instant | null
MATCH (subscriber:Subscriber)
WHERE subscriber.subscriber_id > $after
WITH subscriber
ORDER BY subscriber.subscriber_id
LIMIT $limit
OPTIONAL MATCH (subscriber)-[used:USED]->(app:App)
WHERE $told[app.app_id] IS NOT NULL AND used.last_at IS NOT NULL
WITH subscriber.subscriber_id AS subscriber_id,
     $told[app.app_id] AS told,
     sum(used.sessions) AS sessions,
     min(coalesce(used.first_at, used.last_at)) AS first_at,
     max(used.last_at) AS last_at
RETURN subscriber_id,
       told,
       sessions,
       first_at.epochMillis * 1000 + first_at.microsecond % 1000 AS first_at,
       last_at.epochMillis * 1000 + last_at.microsecond % 1000 AS last_at
ORDER BY subscriber_id, told
