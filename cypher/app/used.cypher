// Which apps subscribers used, the most sessions first, equals by key.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, duration_s: int, volume_up_bytes: int, volume_down_bytes: int, first_at: instant, last_at: instant
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[used:USED]->(app:App)
  WHERE used.sessions < start.after_rank
    OR (used.sessions = start.after_rank AND app.app_id > start.after_key)
  RETURN app, used
  ORDER BY used.sessions DESC, app.app_id
  LIMIT $limit
}
RETURN start.position AS position,
       used.sessions AS rank,
       app.app_id AS key,
       app {.*} AS node,
       used.duration_s AS duration_s,
       used.volume_up_bytes AS volume_up_bytes,
       used.volume_down_bytes AS volume_down_bytes,
       used.first_at.epochMillis * 1000 + used.first_at.microsecond % 1000 AS first_at,
       used.last_at.epochMillis * 1000 + used.last_at.microsecond % 1000 AS last_at
ORDER BY position, rank DESC, key
