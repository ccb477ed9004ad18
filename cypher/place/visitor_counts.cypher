// How many subscribers were at places or below them in the raster.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (place:Place {h3: key})
OPTIONAL MATCH (place)<-[:IN*0..4]-(:Place)<-[:VISITED]-(visitor:Subscriber)
RETURN key, count(DISTINCT visitor) AS total
