// Which community subscribers are members of from now on.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
OPTIONAL MATCH (subscriber)-[former:MEMBER_OF]->(:Community)
DELETE former
WITH DISTINCT subscriber, row
MATCH (community:Community {community_id: row.community_id})
MERGE (subscriber)-[:MEMBER_OF]->(community)
