// Subscribers by their rank in the risk of leaving.
// mode: schema
// params: -
// returns: -
CREATE INDEX subscriber_churn IF NOT EXISTS
FOR (subscriber:Subscriber) ON (subscriber.churn_rank, subscriber.subscriber_id)
