// Services that sessions and surveys name.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (service:Service {service_id: row.service_id})
