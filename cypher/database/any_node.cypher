// A sign that the graph holds anything but its mark.
// mode: read
// params: -
// returns: something: int
MATCH (node)
WHERE NOT node:Mark
RETURN 1 AS something
LIMIT 1
