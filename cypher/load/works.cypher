// Where subscribers work; who does so elsewhere now, or nowhere, leaves the former place.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
CALL (subscriber, row) {
  MATCH (subscriber)-[former:WORK]->(left:Place)
  WHERE row.h3 IS NULL OR left.h3 <> row.h3
  DELETE former
}
WITH subscriber, row
MATCH (place:Place {h3: row.h3})
MERGE (subscriber)-[work:WORK]->(place)
SET work.days = row.days,
    work.active_days = row.active_days,
    work.share = row.share,
    work.records = row.records,
    work.candidates = row.candidates
