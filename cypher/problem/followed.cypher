// Problems that a window may change: watched ones, and those whose entity fell short since a day.
// mode: read
// params: states: list[str], since: date
// returns: node: map
MATCH (problem:Problem)
WHERE problem.state IN $states
  OR problem.last_seen_on >= $since
RETURN problem {.*} AS node
ORDER BY problem.problem_id
