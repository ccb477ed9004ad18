// Subscribers, whole: what is absent from a row is absent from the node.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (subscriber:Subscriber {subscriber_id: row.subscriber_id})
SET subscriber += row
