// Problems by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (problem:Problem {problem_id: wanted})
RETURN problem.problem_id AS key,
       problem {.*} AS node
