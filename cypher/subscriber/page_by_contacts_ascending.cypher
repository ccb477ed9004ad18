// Subscribers in the order of how many contacts they have,
// ascending, equals by pseudonym. The CASE keeps the planner on the index of both, in order; an OR
// would make it sort everybody.
// mode: read
// params: after_rank: int, after_key: str, limit: int, namespace: str | null, status: str | null, gender: str | null, has_calls: bool | null, has_messages: bool | null, has_contacts: bool | null, has_friends: bool | null, place: str | null, app: str | null, service: str | null, device: str | null
// returns: rank: int, key: str, node: map
MATCH (subscriber:Subscriber)
WHERE subscriber.contacts >= $after_rank
  AND subscriber.subscriber_id IS NOT NULL
  AND CASE subscriber.contacts
    WHEN $after_rank THEN subscriber.subscriber_id > $after_key
    ELSE true
  END
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
ORDER BY subscriber.contacts, subscriber.subscriber_id
LIMIT $limit
RETURN subscriber.contacts AS rank,
       subscriber.subscriber_id AS key,
       subscriber {.*} AS node
ORDER BY rank, key
