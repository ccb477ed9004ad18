// What subscribers answered, and which service and app it is about where that is stated.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (survey:Survey {survey_id: row.survey_id})
SET survey.kind = row.kind,
    survey.score = row.score,
    survey.answered_at = datetime(row.answered_at),
    survey.session_id = row.session_id
WITH survey, row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MERGE (subscriber)-[:ANSWERED]->(survey)
WITH survey, row
CALL (survey, row) {
  MATCH (service:Service {service_id: row.service_id})
  MERGE (survey)-[:ABOUT]->(service)
}
CALL (survey, row) {
  MATCH (app:App {app_id: row.app_id})
  MERGE (survey)-[:ABOUT]->(app)
}
