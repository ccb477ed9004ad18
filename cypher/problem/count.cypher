// How many problems there are.
// mode: read
// params: states: list[str] | null, domain: str | null, severity: str | null, kind: str | null, target: str | null, department: str | null, assignee: str | null, since: datetime | null, until: datetime | null
// returns: total: int
MATCH (problem:Problem)
WHERE ($states IS NULL OR problem.state IN $states)
  AND ($domain IS NULL OR problem.domain = $domain)
  AND ($severity IS NULL OR problem.severity = $severity)
  AND ($kind IS NULL OR problem.kind = $kind)
  AND ($target IS NULL OR problem.target = $target)
  AND ($department IS NULL OR problem.department = $department)
  AND ($assignee IS NULL OR problem.assignee = $assignee)
  AND ($since IS NULL OR problem.opened_at >= $since)
  AND ($until IS NULL OR problem.opened_at < $until)
RETURN count(problem) AS total
