// Services by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (service:Service {service_id: wanted})
RETURN service.service_id AS key,
       service {.*} AS node
