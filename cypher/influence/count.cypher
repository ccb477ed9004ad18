// How many subscribers have measures of influence.
// mode: read
// params: role: str | null, status: str | null, namespace: str | null, community: str | null
// returns: total: int
MATCH (subscriber:Subscriber)
WHERE subscriber.pagerank_rank IS NOT NULL
  AND ($role IS NULL OR subscriber.role = $role)
  AND ($status IS NULL OR subscriber.status = $status)
  AND ($namespace IS NULL OR subscriber.namespace = $namespace)
  AND ($community IS NULL
    OR EXISTS { (subscriber)-[:MEMBER_OF|PART_OF*1..2]->(:Community {community_id: $community}) })
RETURN count(subscriber) AS total
