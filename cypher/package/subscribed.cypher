// Which packages subscribers take, by identifier.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map, since: date, until: date, monthly_charge_minor: int, currency: str
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[subscribes:SUBSCRIBES_TO]->(package:Package)
  WITH package, subscribes, package.package_id AS key
  WHERE key > start.after_key
  RETURN package, subscribes, key
  ORDER BY key
  LIMIT $limit
}
RETURN start.position AS position,
       0 AS rank,
       key,
       package {.*} AS node,
       subscribes.since AS since,
       subscribes.until AS until,
       subscribes.monthly_charge_minor AS monthly_charge_minor,
       subscribes.currency AS currency
ORDER BY position, key
