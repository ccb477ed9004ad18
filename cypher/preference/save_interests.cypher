// The interests that there are, each part of a wider one or of none.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (interest:Interest {interest_id: row.interest_id})
SET interest.name = row.name
WITH interest, row
OPTIONAL MATCH (interest)-[former:PART_OF]->(:Interest)
DELETE former
WITH DISTINCT interest, row
MATCH (wide:Interest {interest_id: row.part_of})
MERGE (interest)-[:PART_OF]->(wide)
