// Payments by identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (payment:Payment {payment_id: wanted})
RETURN payment.payment_id AS key,
       payment {.*} AS node
