// How many payments subscribers made.
// mode: read
// params: keys: list[str], since: datetime | null, until: datetime | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:PAID]->(payment:Payment)
WHERE ($since IS NULL OR payment.paid_at >= $since)
  AND ($until IS NULL OR payment.paid_at < $until)
RETURN key, count(payment) AS total
