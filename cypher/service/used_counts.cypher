// How many services subscribers used.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
RETURN key, COUNT { (subscriber)-[:USED_SERVICE]->(:Service) } AS total
