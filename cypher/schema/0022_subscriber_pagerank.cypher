// Subscribers in the order of their rank in pagerank.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_pagerank IF NOT EXISTS
FOR (node:Subscriber)
ON (node.pagerank_rank, node.subscriber_id)
