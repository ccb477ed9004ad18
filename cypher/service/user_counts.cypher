// How many subscribers used services.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (service:Service {service_id: key})
RETURN key, COUNT { (service)<-[:USED_SERVICE]-(:Subscriber) } AS total
