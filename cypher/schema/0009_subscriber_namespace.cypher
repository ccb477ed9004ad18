// Subscribers of one source.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_namespace IF NOT EXISTS
FOR (node:Subscriber)
ON (node.namespace)
