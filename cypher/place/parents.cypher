// The place above each place in the raster.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS key
MATCH (:Place {h3: key})-[:IN]->(parent:Place)
RETURN key,
       parent {.*} AS node
