// How many members communities have.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (community:Community {community_id: key})
RETURN key, community.size AS total
