// A problem identifier names one problem.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT problem_key IF NOT EXISTS
FOR (node:Problem)
REQUIRE node.problem_id IS UNIQUE
