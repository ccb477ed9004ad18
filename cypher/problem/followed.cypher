// Problems that a window may change: watched ones, and those whose entity fell short since a day.
// mode: read
// params: states: list[str], since: date
// returns: node: map, people: list[map]
MATCH (problem:Problem)
WHERE problem.state IN $states
  OR problem.last_seen_on >= $since
RETURN problem {.*} AS node,
       COLLECT {
         MATCH (problem)-[struck:STRUCK]->(subscriber:Subscriber)
         RETURN struck {.*, subscriber_id: subscriber.subscriber_id}
         ORDER BY struck.lost DESC, subscriber.subscriber_id
       } AS people
ORDER BY problem.problem_id
