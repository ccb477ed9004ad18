// Subscribers of one status.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_status IF NOT EXISTS
FOR (node:Subscriber)
ON (node.status)
