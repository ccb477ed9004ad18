// Subscribers by their rank in pagerank, the best first, equals by pseudonym. The CASE keeps the
// planner on the index of both, in order.
// mode: read
// params: after_rank: int, after_key: str, limit: int, role: str | null, status: str | null, namespace: str | null, community: str | null
// returns: rank: int, key: str, node: map
MATCH (subscriber:Subscriber)
WHERE subscriber.pagerank_rank >= $after_rank
  AND subscriber.subscriber_id IS NOT NULL
  AND CASE subscriber.pagerank_rank
    WHEN $after_rank THEN subscriber.subscriber_id > $after_key
    ELSE true
  END
  AND ($role IS NULL OR subscriber.role = $role)
  AND ($status IS NULL OR subscriber.status = $status)
  AND ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND ($community IS NULL
    OR EXISTS { (subscriber)-[:MEMBER_OF|PART_OF*1..2]->(:Community {community_id: $community}) })
WITH subscriber
ORDER BY subscriber.pagerank_rank, subscriber.subscriber_id
LIMIT $limit
RETURN subscriber.pagerank_rank AS rank,
       subscriber.subscriber_id AS key,
       subscriber {.*} AS node
ORDER BY rank, key
