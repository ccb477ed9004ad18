// Who was at places or below them in the raster, the most records first, equals by pseudonym.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, visits: int, dwell_s: int, first_at: instant, last_at: instant
UNWIND $starts AS start
MATCH (place:Place {h3: start.parent})
CALL (start, place) {
  MATCH (place)<-[:IN*0..4]-(:Place)<-[visited:VISITED]-(visitor:Subscriber)
  WITH visitor,
       sum(visited.events) AS rank,
       sum(visited.visits) AS visits,
       sum(visited.dwell_s) AS dwell_s,
       min(visited.first_at) AS first_at,
       max(visited.last_at) AS last_at
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND visitor.subscriber_id > start.after_key)
  RETURN visitor, rank, visits, dwell_s, first_at, last_at
  ORDER BY rank DESC, visitor.subscriber_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       visitor.subscriber_id AS key,
       visitor {.*} AS node,
       visits,
       dwell_s,
       first_at.epochMillis * 1000 + first_at.microsecond % 1000 AS first_at,
       last_at.epochMillis * 1000 + last_at.microsecond % 1000 AS last_at
ORDER BY position, rank DESC, key
