// Which of some subscribers have not left and had no touchpoint for help since an instant.
// mode: read
// params: keys: list[str], since: datetime
// returns: key: str, node: map
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
WHERE coalesce(subscriber.status, 'active') <> 'churned'
  AND NOT EXISTS {
    (subscriber)-[:HAD]->(touchpoint:Touchpoint)
    WHERE touchpoint.stage = 'get_help' AND touchpoint.at >= $since
  }
RETURN key, subscriber {.*} AS node
