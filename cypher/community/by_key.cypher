// Communities by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (community:Community {community_id: wanted})
RETURN community.community_id AS key,
       community {.*} AS node
