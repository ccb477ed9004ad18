// How many problems struck subscribers, and remember it.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
RETURN key,
       COUNT { (:Problem)-[:STRUCK]->(subscriber) } AS total
