// Take back the visits of subscribers to places where no record of theirs lies any more.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})-[visited:VISITED]->(place:Place)
WHERE NOT place.h3 IN row.places
DELETE visited
