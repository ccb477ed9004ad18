// What happened to problems from an instant on, in order, with the problems as they are now.
// mode: read
// params: since: datetime, limit: int
// returns: event: map, problem: map
MATCH (event:ProblemEvent)
WHERE event.at >= $since
WITH event
ORDER BY event.at, event.number, event.event_id
LIMIT $limit
MATCH (event)<-[:WENT_THROUGH]-(problem:Problem)
RETURN event {.*} AS event,
       problem {.*} AS problem
ORDER BY event.at, event.number, event.event_id
