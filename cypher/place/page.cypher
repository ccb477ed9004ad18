// Places of one size, by H3 index; of any size where no resolution is given.
// mode: read
// params: after_key: str, resolution: int | null, limit: int
// returns: rank: int, key: str, node: map
MATCH (place:Place)
WHERE place.h3 > $after_key
  AND ($resolution IS NULL OR place.resolution = $resolution)
WITH place
ORDER BY place.h3
LIMIT $limit
RETURN 0 AS rank,
       place.h3 AS key,
       place {.*} AS node
ORDER BY key
