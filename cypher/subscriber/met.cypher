// Lists of whom and what subscribers met, each asked for by its name, from a mark on; of each that is not
// empty its start's position and entries. An entry has a rank and a key, by which a list that comes in
// pages is in order, and names those of its values that are instants, which are sent as numbers.
// Instead of a node with all that it carries, columns of it can be asked for.
// mode: read
// params: starts: list[map], most: int
// returns: found: list[list]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  // Whom they know by a third party's statement, of one kind or of any, by pseudonym; never
  // themselves.
  WITH * WHERE start.list = 'friends'
  MATCH (subscriber)-[knows:KNOWS]-(other:Subscriber)
  WHERE other <> subscriber
    AND (start.kind IS NULL OR knows.kind = start.kind)
  WITH other, knows, other.subscriber_id AS key
  WHERE key > start.after_key
  WITH other, knows, key
  ORDER BY knows.source
  WITH other,
       key,
       collect(DISTINCT knows.source) AS sources,
       collect(DISTINCT knows.kind) AS known
  ORDER BY key
  LIMIT $most
  RETURN collect({
    rank: 0,
    key: key,
    node: CASE WHEN start.node_columns IS NULL THEN [properties(other)]
    ELSE [name IN start.node_columns | other[name]] END,
    sources: sources,
    kinds: COLLECT { UNWIND known AS kind RETURN kind ORDER BY kind }
  }) AS entries

  UNION ALL
  // Which touchpoints they had, of a stage and a time, the latest first, equals by key.
  WITH * WHERE start.list = 'touchpoints'
  MATCH (subscriber)-[:HAD]->(touchpoint:Touchpoint)
  WITH touchpoint, touchpoint.at.epochMillis AS rank
  WHERE (start.stage IS NULL OR touchpoint.stage = start.stage)
    AND (start.since IS NULL OR touchpoint.at >= start.since)
    AND (start.until IS NULL OR touchpoint.at < start.until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND touchpoint.touchpoint_id > start.after_key))
  WITH touchpoint, rank
  ORDER BY rank DESC, touchpoint.touchpoint_id
  LIMIT $most
  RETURN collect({rank: rank, key: touchpoint.touchpoint_id, node: touchpoint {.*}}) AS entries

  UNION ALL
  // What they answered, of a kind and a time, the latest first, equals by key.
  WITH * WHERE start.list = 'surveys'
  MATCH (subscriber)-[:ANSWERED]->(survey:Survey)
  WITH survey, survey.answered_at.epochMillis AS rank
  WHERE (start.kind IS NULL OR survey.kind = start.kind)
    AND (start.since IS NULL OR survey.answered_at >= start.since)
    AND (start.until IS NULL OR survey.answered_at < start.until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND survey.survey_id > start.after_key))
  WITH survey, rank
  ORDER BY rank DESC, survey.survey_id
  LIMIT $most
  RETURN collect({
    rank: rank,
    key: survey.survey_id,
    node: survey {.*,
      service_id: head([(survey)-[:ABOUT]->(service:Service) | service.service_id]),
      app_id: head([(survey)-[:ABOUT]->(app:App) | app.app_id])
    }
  }) AS entries

  UNION ALL
  // Which problems of a time struck them, of those that remember it, the latest opened first,
  // equals by key.
  WITH * WHERE start.list = 'problems'
  MATCH (problem:Problem)-[struck:STRUCK]->(subscriber)
  WITH problem, struck, problem.opened_at.epochMillis AS rank
  WHERE (start.since IS NULL OR problem.opened_at >= start.since)
    AND (start.until IS NULL OR problem.opened_at < start.until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND problem.problem_id > start.after_key))
  WITH problem, struck, rank
  ORDER BY rank DESC, problem.problem_id
  LIMIT $most
  RETURN collect(struck {
    rank: rank,
    key: problem.problem_id,
    node: problem {.*},
    .samples, .lost, .state
  }) AS entries
}
WITH start, entries
WHERE size(entries) > 0
RETURN collect([start.position, entries[..start.limit]]) AS found
