// Subscribers by pseudonym, with all they carry.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (subscriber:Subscriber {subscriber_id: wanted})
RETURN subscriber.subscriber_id AS key,
       subscriber {.*} AS node
