// Subscribers in the order of their rank in k_shell.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_k_shell IF NOT EXISTS
FOR (node:Subscriber)
ON (node.k_shell_rank, node.subscriber_id)
