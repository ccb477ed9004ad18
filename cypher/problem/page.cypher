// Problems, the latest opened first, equals by key.
// mode: read
// params: after_rank: int, after_key: str, limit: int, states: list[str] | null, domain: str | null, severity: str | null, kind: str | null, target: str | null, department: str | null, assignee: str | null, since: datetime | null, until: datetime | null
// returns: rank: int, key: str, node: map
MATCH (problem:Problem)
WITH problem, problem.opened_at.epochMillis AS rank
WHERE (rank < $after_rank
    OR (rank = $after_rank AND problem.problem_id > $after_key))
  AND ($states IS NULL OR problem.state IN $states)
  AND ($domain IS NULL OR problem.domain = $domain)
  AND ($severity IS NULL OR problem.severity = $severity)
  AND ($kind IS NULL OR problem.kind = $kind)
  AND ($target IS NULL OR problem.target = $target)
  AND ($department IS NULL OR problem.department = $department)
  AND ($assignee IS NULL OR problem.assignee = $assignee)
  AND ($since IS NULL OR problem.opened_at >= $since)
  AND ($until IS NULL OR problem.opened_at < $until)
WITH problem, rank
ORDER BY rank DESC, problem.problem_id
LIMIT $limit
RETURN rank,
       problem.problem_id AS key,
       problem {.*} AS node
ORDER BY rank DESC, key
