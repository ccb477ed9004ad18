// A payment identifier names one payment.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT payment_key IF NOT EXISTS
FOR (node:Payment)
REQUIRE node.payment_id IS UNIQUE
