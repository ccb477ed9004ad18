// Sites by identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (site:Site {site_id: wanted})
RETURN site.site_id AS key,
       site {.*} AS node
