// The mark that a graph carries: the version of its schema and of which key its pseudonyms are.
// mode: read
// params: -
// returns: schema_version: int, key_fingerprint: str
MATCH (mark:Mark {name: 'tiegraph'})
RETURN mark.schema_version AS schema_version,
       mark.key_fingerprint AS key_fingerprint
