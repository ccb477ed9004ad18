// Ties that a third party states, each of a kind once from the smaller pseudonym to the greater.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (other:Subscriber {subscriber_id: row.other_id})
MERGE (subscriber)-[:KNOWS {kind: row.kind, source: row.source}]->(other)
