// How many others subscribers are in contact with.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:CONTACTED]-(other:Subscriber)
WHERE other <> subscriber
RETURN key, count(DISTINCT other) AS total
