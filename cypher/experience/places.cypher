// All places.
// mode: read
// params: -
// returns: h3: str
MATCH (place:Place)
RETURN place.h3 AS h3
