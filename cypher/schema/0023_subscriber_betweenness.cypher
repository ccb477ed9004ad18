// Subscribers in the order of their rank in betweenness.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_betweenness IF NOT EXISTS
FOR (node:Subscriber)
ON (node.betweenness_rank, node.subscriber_id)
