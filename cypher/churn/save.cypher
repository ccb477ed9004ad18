// Risks of leaving of subscribers that exist.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
SET subscriber += row
