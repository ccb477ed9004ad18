// How many narrower communities lie within communities.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (community:Community {community_id: key})
RETURN key, COUNT { (community)<-[:PART_OF]-(:Community) } AS total
