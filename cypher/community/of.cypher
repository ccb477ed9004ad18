// The communities of subscribers, the widest first.
// mode: read
// params: keys: list[str]
// returns: key: str, communities: list[map]
UNWIND $keys AS key
MATCH (:Subscriber {subscriber_id: key})-[:MEMBER_OF|PART_OF*1..2]->(community:Community)
WITH key, community
ORDER BY community.level
RETURN key, collect(community {.*}) AS communities
