// The ticket system has been told, or need not be told any more.
// mode: write
// params: event_ids: list[str]
// returns: -
UNWIND $event_ids AS wanted
MATCH (event:ProblemEvent {event_id: wanted})
REMOVE event:Untold
