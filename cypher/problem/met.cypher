// Problems of a time that struck subscribers, and remember it, the latest opened first, equals by key.
// mode: read
// params: starts: list[map], limit: int, since: datetime | null, until: datetime | null
// returns: position: int, rank: int, key: str, node: map, samples: float, lost: float, state: str
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (problem:Problem)-[struck:STRUCK]->(subscriber)
  WITH problem, struck, problem.opened_at.epochMillis AS rank
  WHERE ($since IS NULL OR problem.opened_at >= $since)
    AND ($until IS NULL OR problem.opened_at < $until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND problem.problem_id > start.after_key))
  RETURN problem, struck, rank
  ORDER BY rank DESC, problem.problem_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       problem.problem_id AS key,
       problem {.*} AS node,
       struck.samples AS samples,
       struck.lost AS lost,
       struck.state AS state
ORDER BY position, rank DESC, key
