// Which models of device subscribers were seen with, by key.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, since: instant, until: instant
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[owns:OWNS]->(device:Device)
  WITH device, owns, device.tac AS key
  WHERE key > start.after_key
  RETURN device, owns, key
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       device {.*} AS node,
       owns.since.epochMillis * 1000 + owns.since.microsecond % 1000 AS since,
       owns.until.epochMillis * 1000 + owns.until.microsecond % 1000 AS until
ORDER BY position, key
