// What subscribers like.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (interest:Interest {interest_id: row.interest_id})
MERGE (subscriber)-[prefers:PREFERS]->(interest)
SET prefers = row.found
