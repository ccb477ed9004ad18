// How many models of device there are.
// mode: read
// params: maker: str | null, kind: str | null
// returns: total: int
MATCH (device:Device)
WHERE ($maker IS NULL OR device.maker = $maker)
  AND ($kind IS NULL OR device.kind = $kind)
RETURN count(device) AS total
