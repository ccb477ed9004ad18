// How many touchpoints subscribers had, of one stage or of any.
// mode: read
// params: keys: list[str], stage: str | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:HAD]->(touchpoint:Touchpoint)
WHERE $stage IS NULL OR touchpoint.stage = $stage
RETURN key, count(touchpoint) AS total
