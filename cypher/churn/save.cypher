// Risks of leaving of subscribers that exist.
// mode: write
// params: rows: list[map], as_of: datetime
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
SET subscriber += row,
    subscriber.churn_as_of = $as_of
