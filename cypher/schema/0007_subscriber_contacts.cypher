// Subscribers in the order of how many contacts they have.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_contacts IF NOT EXISTS
FOR (node:Subscriber)
ON (node.contacts, node.subscriber_id)
