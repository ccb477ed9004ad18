// Touchpoints that subscribers had, of a time, the latest first, equals by key.
// mode: read
// params: starts: list[map], limit: int, stage: str | null, since: datetime | null, until: datetime | null
// returns: position: int, rank: int, key: str, node: map
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[:HAD]->(touchpoint:Touchpoint)
  WITH touchpoint, touchpoint.at.epochMillis AS rank
  WHERE ($stage IS NULL OR touchpoint.stage = $stage)
    AND ($since IS NULL OR touchpoint.at >= $since)
    AND ($until IS NULL OR touchpoint.at < $until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND touchpoint.touchpoint_id > start.after_key))
  RETURN touchpoint, rank
  ORDER BY rank DESC, touchpoint.touchpoint_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       touchpoint.touchpoint_id AS key,
       touchpoint {.*} AS node
ORDER BY position, rank DESC, key
