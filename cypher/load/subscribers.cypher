// Subscribers, whole: what is absent from a row is absent from the node.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (subscriber:Subscriber {subscriber_id: row.subscriber_id})
SET subscriber += row {
  .*,
  first_at: datetime(row.first_at),
  last_at: datetime(row.last_at),
  data_first_at: datetime(row.data_first_at),
  data_last_at: datetime(row.data_last_at)
}
