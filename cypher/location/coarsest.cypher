// The coarsest places of the raster: wherever the network is.
// mode: read
// params: -
// returns: h3: str
CALL () {
  MATCH (place:Place)
  WHERE place.resolution >= 0
  RETURN place.resolution AS coarsest
  ORDER BY coarsest
  LIMIT 1
}
MATCH (place:Place {resolution: coarsest})
RETURN place.h3 AS h3
