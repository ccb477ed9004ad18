// How many of some subscribers are in the graph.
// mode: read
// params: keys: list[str]
// returns: total: int
UNWIND $keys AS wanted
MATCH (subscriber:Subscriber {subscriber_id: wanted})
RETURN count(subscriber) AS total
