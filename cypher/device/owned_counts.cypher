// How many models of device subscribers were seen with.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
RETURN key, COUNT { (subscriber)-[:OWNS]->(:Device) } AS total
