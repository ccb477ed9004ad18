// Which models of device subscribers were seen with, from when to when.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MATCH (device:Device {tac: row.tac})
MERGE (subscriber)-[owns:OWNS]->(device)
SET owns.since = datetime(row.since),
    owns.until = datetime(row.until)
