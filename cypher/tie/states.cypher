// What subscribers did towards others, by key, in lists of one length; who comes after a key.
// mode: read
// params: after: str, limit: int
// returns: keys: list[str], events: list[int], calls: list[int], messages: list[int], duration_s: list[int], active_days: list[int], last_at: list[int]
MATCH (subscriber:Subscriber)
WHERE subscriber.subscriber_id > $after
WITH subscriber
ORDER BY subscriber.subscriber_id
LIMIT $limit
RETURN collect(subscriber.subscriber_id) AS keys,
       collect(coalesce(subscriber.events, 0)) AS events,
       collect(coalesce(subscriber.calls_out, 0)) AS calls,
       collect(coalesce(subscriber.messages_out, 0)) AS messages,
       collect(coalesce(subscriber.duration_out_s, 0)) AS duration_s,
       collect(coalesce(subscriber.active_days, 0)) AS active_days,
       collect(coalesce(subscriber.last_at.epochMillis, 0)) AS last_at
