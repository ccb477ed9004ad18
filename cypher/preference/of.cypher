// What subscribers like, the strongest first, equals by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map, found: map, part_of: str | null
UNWIND $keys AS key
MATCH (:Subscriber {subscriber_id: key})-[prefers:PREFERS]->(interest:Interest)
OPTIONAL MATCH (interest)-[:PART_OF]->(wide:Interest)
RETURN key,
       interest {.*} AS node,
       prefers {.*} AS found,
       wide.interest_id AS part_of
ORDER BY key, prefers.score DESC, interest.interest_id
