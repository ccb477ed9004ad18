// Communities, the largest first, equals by key.
// mode: read
// params: after_rank: int, after_key: str, limit: int, level: int | null
// returns: rank: int, key: str, node: map
MATCH (community:Community)
WHERE (community.size < $after_rank
    OR (community.size = $after_rank AND community.community_id > $after_key))
  AND ($level IS NULL OR community.level = $level)
WITH community
ORDER BY community.size DESC, community.community_id
LIMIT $limit
RETURN community.size AS rank,
       community.community_id AS key,
       community {.*} AS node
ORDER BY rank DESC, key
