// Where subscribers were last, and until when; of places at the same instant the first by H3 index.
// mode: read
// params: keys: list[str]
// returns: key: str, h3: str, last_at: instant
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
CALL (subscriber) {
  MATCH (subscriber)-[visited:VISITED]->(place:Place)
  RETURN place, visited.last_at AS last_at
  ORDER BY last_at DESC, place.h3
  LIMIT 1
}
RETURN key, place.h3 AS h3, last_at.epochMillis * 1000 + last_at.microsecond % 1000 AS last_at
