// Problems as they are now, with what happened to them; those that somebody else changed are left.
// What happened waits to be told to the ticket system by its second label.
// mode: write
// params: rows: list[map]
// returns: problem_id: str
UNWIND $rows AS row
MERGE (problem:Problem {problem_id: row.problem_id})
  ON CREATE SET problem.revision = 0
WITH problem, row
WHERE problem.revision = row.revision
SET problem += row.properties,
    problem.revision = row.revision + 1
WITH problem, row
CALL (problem, row) {
  UNWIND row.events AS entry
  CREATE (problem)-[:WENT_THROUGH]->(event:ProblemEvent:Untold)
  SET event = entry
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'cell'
  MATCH (cell:Cell {cell_id: row.target})
  MERGE (problem)-[:AFFECTS]->(cell)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'site'
  MATCH (site:Site {site_id: row.target})
  MERGE (problem)-[:AFFECTS]->(site)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'place'
  MATCH (place:Place {h3: row.target})
  MERGE (problem)-[:AFFECTS]->(place)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'device'
  MATCH (device:Device {tac: row.target})
  MERGE (problem)-[:AFFECTS]->(device)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'app'
  MATCH (app:App {app_id: row.target})
  MERGE (problem)-[:AFFECTS]->(app)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'service'
  MATCH (service:Service {service_id: row.target})
  MERGE (problem)-[:AFFECTS]->(service)
}
CALL (problem, row) {
  WITH problem, row
  WHERE row.kind = 'subscriber'
  MATCH (subscriber:Subscriber {subscriber_id: row.target})
  MERGE (problem)-[:AFFECTS]->(subscriber)
}
CALL (problem, row) {
  UNWIND row.people AS one
  MATCH (subscriber:Subscriber {subscriber_id: one.subscriber_id})
  MERGE (problem)-[struck:STRUCK]->(subscriber)
  SET struck = one.properties
}
RETURN problem.problem_id AS problem_id
