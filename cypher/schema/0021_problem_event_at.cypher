// What happened to problems lately is found without looking at all that ever did.
// mode: schema
// params: -
// returns: -
CREATE INDEX problem_event_at IF NOT EXISTS
FOR (node:ProblemEvent)
ON (node.at)
