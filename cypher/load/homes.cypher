// Where subscribers live; who does so elsewhere now, or nowhere, leaves the former place.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
CALL (subscriber, row) {
  MATCH (subscriber)-[former:HOME]->(left:Place)
  WHERE row.h3 IS NULL OR left.h3 <> row.h3
  DELETE former
}
WITH subscriber, row
MATCH (place:Place {h3: row.h3})
MERGE (subscriber)-[home:HOME]->(place)
SET home.days = row.days,
    home.active_days = row.active_days,
    home.share = row.share,
    home.records = row.records,
    home.candidates = row.candidates
