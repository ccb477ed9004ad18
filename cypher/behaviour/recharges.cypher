// What subscribers topped up, with a time, by time, amount and identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, recharges: list[map]
UNWIND $keys AS wanted
MATCH (subscriber:Subscriber {subscriber_id: wanted})
CALL (subscriber) {
  MATCH (subscriber)-[:PAID]->(payment:Payment)
  WHERE payment.kind = 'top_up'
    AND payment.paid_at IS NOT NULL
    AND payment.amount_minor >= 0
  WITH payment
  ORDER BY payment.paid_at, payment.amount_minor, payment.payment_id
  RETURN collect(payment {.currency, .amount_minor, .paid_at}) AS recharges
}
RETURN subscriber.subscriber_id AS key, recharges
