// The members of communities by their rank in PageRank, those without one last, equals by key.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map
UNWIND $starts AS start
MATCH (community:Community {community_id: start.parent})
CALL (start, community) {
  MATCH (community)<-[:MEMBER_OF|PART_OF*1..2]-(subscriber:Subscriber)
  WITH start, subscriber, -coalesce(subscriber.pagerank_rank, 4611686018427387904) AS rank
  WHERE rank < start.after_rank
    OR (rank = start.after_rank AND subscriber.subscriber_id > start.after_key)
  RETURN subscriber, rank
  ORDER BY rank DESC, subscriber.subscriber_id
  LIMIT $limit
}
RETURN start.position AS position,
       rank,
       subscriber.subscriber_id AS key,
       subscriber {.*} AS node
ORDER BY position, rank DESC, key
