// How many surveys subscribers answered, of one kind or of any.
// mode: read
// params: keys: list[str], kind: str | null, since: datetime | null, until: datetime | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:ANSWERED]->(survey:Survey)
WHERE ($kind IS NULL OR survey.kind = $kind)
  AND ($since IS NULL OR survey.answered_at >= $since)
  AND ($until IS NULL OR survey.answered_at < $until)
RETURN key, count(survey) AS total
