// What happened to problems, the first thing first.
// mode: read
// params: keys: list[str]
// returns: key: str, events: list[map]
UNWIND $keys AS wanted
MATCH (problem:Problem {problem_id: wanted})-[:WENT_THROUGH]->(event:ProblemEvent)
WITH wanted, event
ORDER BY event.number
RETURN wanted AS key,
       collect(event {.*}) AS events
