// An identifier names one thing that happened to a problem.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT problem_event_key IF NOT EXISTS
FOR (node:ProblemEvent)
REQUIRE node.event_id IS UNIQUE
