// The narrower communities within communities, the largest first, equals by key.
// mode: read
// params: starts: list[map], limit: int
// returns: position: int, rank: int, key: str, node: map
UNWIND $starts AS start
MATCH (community:Community {community_id: start.parent})
CALL (start, community) {
  MATCH (community)<-[:PART_OF]-(part:Community)
  WHERE part.size < start.after_rank
    OR (part.size = start.after_rank AND part.community_id > start.after_key)
  RETURN part
  ORDER BY part.size DESC, part.community_id
  LIMIT $limit
}
RETURN start.position AS position,
       part.size AS rank,
       part.community_id AS key,
       part {.*} AS node
ORDER BY position, rank DESC, key
