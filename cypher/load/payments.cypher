// Payments and who paid them; of two who are stated, the one that counts.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (payment:Payment {payment_id: row.payment_id})
SET payment.amount_minor = row.amount_minor,
    payment.currency = row.currency,
    payment.paid_at = datetime(row.paid_at),
    payment.channel = row.channel,
    payment.kind = row.kind
WITH payment, row
CALL (payment, row) {
  MATCH (payment)<-[paid:PAID]-(former)
  WHERE former.subscriber_id <> row.subscriber_id
  DELETE paid
}
WITH payment, row
MATCH (subscriber:Subscriber {subscriber_id: row.subscriber_id})
MERGE (subscriber)-[:PAID]->(payment)
