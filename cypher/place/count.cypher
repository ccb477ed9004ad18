// How many places there are, of one size or of any.
// mode: read
// params: resolution: int | null
// returns: total: int
MATCH (place:Place)
WHERE $resolution IS NULL OR place.resolution = $resolution
RETURN count(place) AS total
