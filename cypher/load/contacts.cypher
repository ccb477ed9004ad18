// Contacts between subscribers that exist: one relationship a directed pair, with its totals.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (caller:Subscriber {subscriber_id: row.caller_id})
MATCH (callee:Subscriber {subscriber_id: row.callee_id})
MERGE (caller)-[contacted:CONTACTED]->(callee)
SET contacted.events = row.events,
    contacted.calls = row.calls,
    contacted.missed = row.missed,
    contacted.messages = row.messages,
    contacted.duration_s = row.duration_s,
    contacted.active_days = row.active_days,
    contacted.first_at = datetime(row.first_at),
    contacted.last_at = datetime(row.last_at)
