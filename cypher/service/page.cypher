// Services by key.
// mode: read
// params: after_key: str, limit: int
// returns: rank: int, key: str, node: map
MATCH (service:Service)
WHERE service.service_id > $after_key
WITH service
ORDER BY service.service_id
LIMIT $limit
RETURN 0 AS rank,
       service.service_id AS key,
       service {.*} AS node
ORDER BY key
