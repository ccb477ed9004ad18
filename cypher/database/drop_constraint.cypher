// Remove a constraint, for tests.
// mode: schema
// params: name: str
// returns: -
DROP CONSTRAINT $name
