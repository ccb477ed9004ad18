// Models of device by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (device:Device {tac: wanted})
RETURN device.tac AS key,
       device {.*} AS node
