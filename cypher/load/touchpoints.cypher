// Touchpoints and who had them; of two who are stated, the one that counts.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (touchpoint:Touchpoint {touchpoint_id: row.touchpoint_id})
SET touchpoint.at = datetime(row.at),
    touchpoint.stage = row.stage,
    touchpoint.channel = row.channel,
    touchpoint.topic = row.topic,
    touchpoint.outcome = row.outcome,
    touchpoint.duration_s = row.duration_s
WITH touchpoint, row
CALL (touchpoint, row) {
  MATCH (touchpoint)<-[had:HAD]-(former)
  WHERE former.subscriber_id <> row.subscriber_id
  DELETE had
}
WITH touchpoint, row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MERGE (subscriber)-[:HAD]->(touchpoint)
