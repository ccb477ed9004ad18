// What subscribers paid at a time, the latest first, undated payments last, equals by identifier.
// mode: read
// params: starts: list[map], limit: int, since: datetime | null, until: datetime | null
// returns: position: int, rank: int, key: str, node: map
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  MATCH (subscriber)-[:PAID]->(payment:Payment)
  WITH payment, coalesce(payment.paid_at.epochMillis, -1) AS rank
  WHERE ($since IS NULL OR payment.paid_at >= $since)
    AND ($until IS NULL OR payment.paid_at < $until)
    AND (rank < start.after_rank
      OR (rank = start.after_rank AND payment.payment_id > start.after_key))
  RETURN payment, rank
  ORDER BY rank DESC, payment.payment_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       payment.payment_id AS key,
       payment {.*} AS node
ORDER BY position, rank DESC, key
