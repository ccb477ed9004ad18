// The name and state of every index that the graph has and no constraint owns.
// mode: read
// params: -
// returns: name: str, state: str
SHOW INDEXES
YIELD name, state, type, owningConstraint
WHERE owningConstraint IS NULL AND type <> 'LOOKUP'
RETURN name, state
