// Communities, whole; each lies within a wider one, or is one of the widest.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (community:Community {community_id: row.community_id})
SET community = row.measures
SET community.community_id = row.community_id
WITH community, row
OPTIONAL MATCH (community)-[former:PART_OF]->(:Community)
DELETE former
WITH DISTINCT community, row
MATCH (wide:Community {community_id: row.part_of})
MERGE (community)-[:PART_OF]->(wide)
