// Whom problems struck, of those they remember: who lost most first, equals by pseudonym.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, samples: float, lost: float, state: str
UNWIND $starts AS start
MATCH (problem:Problem {problem_id: start.parent})
CALL (start, problem) {
  MATCH (problem)-[struck:STRUCK]->(subscriber:Subscriber)
  WITH struck, subscriber, toInteger(1000 * struck.lost) AS rank
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND subscriber.subscriber_id > start.after_key)
  RETURN struck, subscriber, rank
  ORDER BY rank DESC, subscriber.subscriber_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       subscriber.subscriber_id AS key,
       subscriber {.*} AS node,
       struck.samples AS samples,
       struck.lost AS lost,
       struck.state AS state
ORDER BY position, rank DESC, key
