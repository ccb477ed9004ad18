// How many touchpoints subscribers had, of one stage or of any.
// mode: read
// params: keys: list[str], stage: str | null, since: datetime | null, until: datetime | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:HAD]->(touchpoint:Touchpoint)
WHERE ($stage IS NULL OR touchpoint.stage = $stage)
  AND ($since IS NULL OR touchpoint.at >= $since)
  AND ($until IS NULL OR touchpoint.at < $until)
RETURN key, count(touchpoint) AS total
