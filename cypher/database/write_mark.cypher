// Write the graph's mark.
// mode: write
// params: schema_version: int, key_fingerprint: str
// returns: -
MERGE (mark:Mark {name: 'tiegraph'})
SET mark.schema_version = $schema_version,
    mark.key_fingerprint = $key_fingerprint
