// Lists of what subscribers use and have, each asked for by its name, from a mark on; of each that is not
// empty its start's position and entries. An entry has a rank and a key, by which a list that comes in
// pages is in order, and names those of its values that are instants, which are sent as numbers.
// mode: read
// params: starts: list[map], most: int
// returns: found: list[list]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  // Where they were, the places with the most records first, equals by H3 index.
  WITH * WHERE start.list = 'places'
  MATCH (subscriber)-[visited:VISITED]->(place:Place)
  WHERE visited.events < start.after_rank
    OR (visited.events = start.after_rank AND place.h3 > start.after_key)
  WITH place, visited
  ORDER BY visited.events DESC, place.h3
  LIMIT $most
  RETURN collect({
    rank: visited.events,
    key: place.h3,
    node: place {.*},
    visits: visited.visits,
    dwell_s: visited.dwell_s,
    first_at: visited.first_at.epochMillis * 1000 + visited.first_at.microsecond % 1000,
    last_at: visited.last_at.epochMillis * 1000 + visited.last_at.microsecond % 1000,
    instants: ['first_at', 'last_at']
  }) AS entries

  UNION ALL
  // Which apps they used, the most sessions first, equals by key.
  WITH * WHERE start.list = 'apps'
  MATCH (subscriber)-[used:USED]->(app:App)
  WHERE used.sessions < start.after_rank
    OR (used.sessions = start.after_rank AND app.app_id > start.after_key)
  WITH app, used
  ORDER BY used.sessions DESC, app.app_id
  LIMIT $most
  RETURN collect({
    rank: used.sessions,
    key: app.app_id,
    node: app {.*},
    duration_s: used.duration_s,
    volume_up_bytes: used.volume_up_bytes,
    volume_down_bytes: used.volume_down_bytes,
    first_at: used.first_at.epochMillis * 1000 + used.first_at.microsecond % 1000,
    last_at: used.last_at.epochMillis * 1000 + used.last_at.microsecond % 1000,
    instants: ['first_at', 'last_at']
  }) AS entries

  UNION ALL
  // Which services they used, the most sessions first, equals by key.
  WITH * WHERE start.list = 'services'
  MATCH (subscriber)-[used:USED_SERVICE]->(service:Service)
  WHERE used.sessions < start.after_rank
    OR (used.sessions = start.after_rank AND service.service_id > start.after_key)
  WITH service, used
  ORDER BY used.sessions DESC, service.service_id
  LIMIT $most
  RETURN collect({
    rank: used.sessions,
    key: service.service_id,
    node: service {.*},
    duration_s: used.duration_s,
    volume_up_bytes: used.volume_up_bytes,
    volume_down_bytes: used.volume_down_bytes,
    first_at: used.first_at.epochMillis * 1000 + used.first_at.microsecond % 1000,
    last_at: used.last_at.epochMillis * 1000 + used.last_at.microsecond % 1000,
    instants: ['first_at', 'last_at']
  }) AS entries

  UNION ALL
  // Which packages they take, by identifier.
  WITH * WHERE start.list = 'packages'
  MATCH (subscriber)-[subscribes:SUBSCRIBES_TO]->(package:Package)
  WHERE package.package_id > start.after_key
  WITH package, subscribes
  ORDER BY package.package_id
  LIMIT $most
  RETURN collect(subscribes {
    rank: 0,
    key: package.package_id,
    node: package {.*},
    .since, .until, .monthly_charge_minor, .currency
  }) AS entries

  UNION ALL
  // What they paid at a time, the latest first, undated payments last, equals by identifier.
  WITH * WHERE start.list = 'payments'
  MATCH (subscriber)-[:PAID]->(payment:Payment)
  WITH payment, coalesce(payment.paid_at.epochMillis, -1) AS rank
  WHERE (start.since IS NULL OR payment.paid_at >= start.since)
    AND (start.until IS NULL OR payment.paid_at < start.until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND payment.payment_id > start.after_key))
  WITH payment, rank
  ORDER BY rank DESC, payment.payment_id
  LIMIT $most
  RETURN collect({rank: rank, key: payment.payment_id, node: payment {.*}}) AS entries

  UNION ALL
  // With which models of device they were seen, by key.
  WITH * WHERE start.list = 'devices'
  MATCH (subscriber)-[owns:OWNS]->(device:Device)
  WHERE device.tac > start.after_key
  WITH device, owns
  ORDER BY device.tac
  LIMIT $most
  RETURN collect({
    rank: 0,
    key: device.tac,
    node: device {.*},
    since: owns.since.epochMillis * 1000 + owns.since.microsecond % 1000,
    until: owns.until.epochMillis * 1000 + owns.until.microsecond % 1000,
    instants: ['since', 'until']
  }) AS entries
}
WITH start, entries
WHERE size(entries) > 0
RETURN collect([start.position, entries[..start.limit]]) AS found
