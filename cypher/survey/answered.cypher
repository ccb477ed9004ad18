// What subscribers answered at a time, the latest first, equals by key.
// mode: read
// params: starts: list[map], limit: int, kind: str | null, since: datetime | null, until: datetime | null
// returns: position: int, rank: int, key: str, node: map
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[:ANSWERED]->(survey:Survey)
  WITH survey, survey.answered_at.epochMillis AS rank
  WHERE ($kind IS NULL OR survey.kind = $kind)
    AND ($since IS NULL OR survey.answered_at >= $since)
    AND ($until IS NULL OR survey.answered_at < $until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND survey.survey_id > start.after_key))
  RETURN survey, rank
  ORDER BY rank DESC, survey.survey_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       survey.survey_id AS key,
       survey {.*,
         service_id: head([(survey)-[:ABOUT]->(service:Service) | service.service_id]),
         app_id: head([(survey)-[:ABOUT]->(app:App) | app.app_id])
       } AS node
ORDER BY position, rank DESC, key
