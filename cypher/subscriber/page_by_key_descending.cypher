// Subscribers in the order of their pseudonyms, descending, below a given one.
// mode: read
// params: after_key: str, limit: int, namespace: str | null, status: str | null, gender: str | null, has_calls: bool | null, has_messages: bool | null, has_contacts: bool | null, has_friends: bool | null, place: str | null, app: str | null, service: str | null, device: str | null
// returns: rank: int, key: str, node: map
MATCH (subscriber:Subscriber)
WHERE subscriber.subscriber_id < $after_key
  AND ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND ($status IS NULL OR subscriber.status = $status)
  AND ($gender IS NULL OR subscriber.gender = $gender)
  AND ($has_calls IS NULL OR $has_calls = (subscriber.calls_out + subscriber.calls_in > 0))
  AND ($has_messages IS NULL
    OR $has_messages = (subscriber.messages_out + subscriber.messages_in > 0))
  AND ($has_contacts IS NULL OR $has_contacts = (subscriber.contacts > 0))
  AND ($has_friends IS NULL OR $has_friends = EXISTS { (subscriber)-[:KNOWS]-() })
  AND ($place IS NULL
    OR EXISTS { (subscriber)-[:VISITED]->(:Place)-[:IN*0..4]->(:Place {h3: $place}) })
  AND ($app IS NULL OR EXISTS { (subscriber)-[:USED]->(:App {app_id: $app}) })
  AND ($service IS NULL
    OR EXISTS { (subscriber)-[:USED_SERVICE]->(:Service {service_id: $service}) })
  AND ($device IS NULL OR EXISTS { (subscriber)-[:OWNS]->(:Device {tac: $device}) })
WITH subscriber
ORDER BY subscriber.subscriber_id DESC
LIMIT $limit
RETURN 0 AS rank,
       subscriber.subscriber_id AS key,
       subscriber {.*} AS node
ORDER BY key DESC
