// Take away the risk of whom the last analysis did not score: they left, or cannot leave.
// mode: write
// params: model: str
// returns: -
MATCH (subscriber:Subscriber)
WHERE subscriber.churn_rank > 0 AND subscriber.churn_model <> $model
REMOVE subscriber.churn_risk, subscriber.churn_rank, subscriber.churn_parts,
  subscriber.churn_values, subscriber.churn_model, subscriber.churn_as_of
