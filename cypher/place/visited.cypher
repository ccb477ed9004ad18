// Where subscribers were, the places with the most records first, equals by H3 index.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, visits: int, dwell_s: int, first_at: instant, last_at: instant
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[visited:VISITED]->(place:Place)
  WHERE visited.events < start.after_rank
    OR (visited.events = start.after_rank AND place.h3 > start.after_key)
  RETURN place, visited
  ORDER BY visited.events DESC, place.h3
  LIMIT $limit
}
RETURN start.position AS position,
       visited.events AS rank,
       place.h3 AS key,
       place {.*} AS node,
       visited.visits AS visits,
       visited.dwell_s AS dwell_s,
       visited.first_at.epochMillis * 1000 + visited.first_at.microsecond % 1000 AS first_at,
       visited.last_at.epochMillis * 1000 + visited.last_at.microsecond % 1000 AS last_at
ORDER BY position, rank DESC, key
