// How many problems of a time struck subscribers, and remember it.
// mode: read
// params: keys: list[str], since: datetime | null, until: datetime | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (problem:Problem)-[:STRUCK]->(subscriber)
WHERE ($since IS NULL OR problem.opened_at >= $since)
  AND ($until IS NULL OR problem.opened_at < $until)
RETURN key, count(problem) AS total
