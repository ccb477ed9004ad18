// Remove an index, for tests.
// mode: schema
// params: name: str
// returns: -
DROP INDEX $name
