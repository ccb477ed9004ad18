// Which subscriber takes which package, since when, for how much a month.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (package:Package {package_id: row.package_id})
MERGE (subscriber)-[subscribes:SUBSCRIBES_TO]->(package)
SET subscribes.since = row.since,
    subscribes.until = row.until,
    subscribes.monthly_charge_minor = row.monthly_charge_minor,
    subscribes.currency = row.currency
