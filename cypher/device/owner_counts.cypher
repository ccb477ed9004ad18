// How many subscribers were seen with models of device.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (device:Device {tac: key})
RETURN key, COUNT { (device)<-[:OWNS]-(:Subscriber) } AS total
