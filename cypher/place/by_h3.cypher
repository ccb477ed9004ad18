// Places by H3 index.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (place:Place {h3: wanted})
RETURN place.h3 AS key,
       place {.*} AS node
