// How many surveys subscribers answered, of one kind or of any.
// mode: read
// params: keys: list[str], kind: str | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[:ANSWERED]->(survey:Survey)
WHERE $kind IS NULL OR survey.kind = $kind
RETURN key, count(survey) AS total
