// Answers by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (survey:Survey {survey_id: wanted})
RETURN survey.survey_id AS key,
       survey {.*,
         service_id: head([(survey)-[:ABOUT]->(service:Service) | service.service_id]),
         app_id: head([(survey)-[:ABOUT]->(app:App) | app.app_id])
       } AS node
