// Which of some subscribers have not left and had no touchpoint for help since an instant; with what
// they are charged a month for packages taken on a day, and what they paid in some time.
// mode: read
// params: keys: list[str], since: datetime, on: date, paid_since: datetime, paid_until: datetime
// returns: key: str, node: map, charges: list[map], payments: list[map]
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
WHERE coalesce(subscriber.status, 'active') <> 'churned'
  AND NOT EXISTS {
    (subscriber)-[:HAD]->(touchpoint:Touchpoint)
    WHERE touchpoint.stage = 'get_help' AND touchpoint.at >= $since
  }
CALL (subscriber) {
  MATCH (subscriber)-[takes:SUBSCRIBES_TO]->(package:Package)
  WITH takes,
       coalesce(takes.currency, package.currency, '') AS currency,
       coalesce(takes.monthly_charge_minor, package.price_minor) AS amount_minor
  WHERE (takes.since IS NULL OR takes.since <= $on)
    AND (takes.until IS NULL OR takes.until > $on)
    AND amount_minor >= 0
  RETURN collect({currency: currency, amount_minor: amount_minor}) AS charges
}
CALL (subscriber) {
  MATCH (subscriber)-[:PAID]->(payment:Payment)
  WHERE $paid_since <= payment.paid_at < $paid_until AND payment.amount_minor >= 0
  RETURN collect({currency: coalesce(payment.currency, ''), amount_minor: payment.amount_minor})
      AS payments
}
RETURN key, subscriber {.*} AS node, charges, payments
