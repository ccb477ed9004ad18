// Every node with everything about it, for a canonical dump.
// Instants are told as {datetime: text}, nanoseconds included: the driver is slow to make them.
// mode: read
// params: -
// returns: labels: list[str], properties: list
MATCH (node)
RETURN labels(node) AS labels,
       [key IN keys(node) | [key, CASE
         WHEN node[key] IS :: ZONED DATETIME THEN {datetime: toString(node[key])}
         ELSE node[key]
       END]] AS properties
