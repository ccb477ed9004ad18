// How many others subscribers know by a third party's statement; never themselves.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:KNOWS]-(other:Subscriber)
WHERE other <> subscriber
RETURN key, count(DISTINCT other) AS total
