// Subscribers whom some others are in touch with, in either direction.
// mode: read
// params: subscriber_ids: list[str]
// returns: subscriber_id: str
MATCH (subscriber:Subscriber)-[:CONTACTED|KNOWS]-(other:Subscriber)
WHERE subscriber.subscriber_id IN $subscriber_ids
RETURN DISTINCT other.subscriber_id AS subscriber_id
