// How many communities there are.
// mode: read
// params: level: int | null
// returns: total: int
MATCH (community:Community)
WHERE ($level IS NULL OR community.level = $level)
RETURN count(community) AS total
