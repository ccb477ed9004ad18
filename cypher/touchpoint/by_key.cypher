// Touchpoints by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (touchpoint:Touchpoint {touchpoint_id: wanted})
RETURN touchpoint.touchpoint_id AS key,
       touchpoint {.*} AS node
