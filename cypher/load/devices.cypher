// Models of device; one that nobody described has its key alone.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (device:Device {tac: row.tac})
SET device.namespace = row.namespace,
    device.maker = row.maker,
    device.model = row.model,
    device.operating_system = row.operating_system,
    device.kind = row.kind
