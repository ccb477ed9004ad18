// What the ticket system has not been told yet, the oldest first.
// mode: read
// params: limit: int
// returns: event: map, problem: map
MATCH (event:Untold)<-[:WENT_THROUGH]-(problem:Problem)
WITH event, problem
ORDER BY event.at, event.event_id
LIMIT $limit
RETURN event {.*} AS event,
       problem {.*} AS problem
ORDER BY event.at, event.event_id
