// How many of those whom problems struck they remember.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (problem:Problem {problem_id: key})
RETURN key,
       COUNT { (problem)-[:STRUCK]->(:Subscriber) } AS total
