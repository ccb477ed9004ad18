// Visits of subscribers to places of the finest resolution, with their totals.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (place:Place {h3: row.h3})
MERGE (subscriber)-[visited:VISITED]->(place)
SET visited.events = row.events,
    visited.visits = row.visits,
    visited.dwell_s = row.dwell_s,
    visited.first_at = datetime(row.first_at),
    visited.last_at = datetime(row.last_at)
