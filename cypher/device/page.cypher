// Models of device by key.
// mode: read
// params: after_key: str, limit: int, maker: str | null, kind: str | null
// returns: rank: int, key: str, node: map
MATCH (device:Device)
WHERE device.tac > $after_key
  AND ($maker IS NULL OR device.maker = $maker)
  AND ($kind IS NULL OR device.kind = $kind)
WITH device
ORDER BY device.tac
LIMIT $limit
RETURN 0 AS rank,
       device.tac AS key,
       device {.*} AS node
ORDER BY key
