// The places right below each place in the raster, by H3 index.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS key
MATCH (:Place {h3: key})<-[:IN]-(child:Place)
RETURN key,
       child {.*} AS node
ORDER BY key, child.h3
