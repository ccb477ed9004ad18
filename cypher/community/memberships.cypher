// Which communities subscribers belong to, by key, in lists of one length; who comes after a key.
// mode: read
// params: after: str, limit: int
// returns: keys: list[str], statuses: list[str | null], narrow: list[str | null], wide: list[str | null]
MATCH (subscriber:Subscriber)
WHERE subscriber.subscriber_id > $after
WITH subscriber
ORDER BY subscriber.subscriber_id
LIMIT $limit
OPTIONAL MATCH (subscriber)-[:MEMBER_OF]->(narrow:Community)
OPTIONAL MATCH (narrow)-[:PART_OF]->(wide:Community)
WITH subscriber, narrow, wide
ORDER BY subscriber.subscriber_id
RETURN collect(subscriber.subscriber_id) AS keys,
       collect(coalesce(subscriber.status, '')) AS statuses,
       collect(coalesce(narrow.community_id, '')) AS narrow,
       collect(coalesce(wide.community_id, '')) AS wide
