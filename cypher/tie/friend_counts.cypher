// How many others subscribers know by a third party's statement, of one kind or any; never themselves.
// mode: read
// params: keys: list[str], kind: str | null
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
OPTIONAL MATCH (subscriber)-[knows:KNOWS]-(other:Subscriber)
WHERE other <> subscriber
  AND ($kind IS NULL OR knows.kind = $kind)
RETURN key, count(DISTINCT other) AS total
