// Subscribers in the order of how many calls and messages they have.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_events IF NOT EXISTS
FOR (node:Subscriber)
ON (node.events, node.subscriber_id)
