// How much subscribers used services, in all.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (service:Service {service_id: row.service_id})
MERGE (subscriber)-[used:USED_SERVICE]->(service)
SET used.sessions = row.sessions,
    used.duration_s = row.duration_s,
    used.volume_up_bytes = row.volume_up_bytes,
    used.volume_down_bytes = row.volume_down_bytes,
    used.first_at = datetime(row.first_at),
    used.last_at = datetime(row.last_at)
