// Every node with everything about it, for a canonical dump.
// mode: read
// params: -
// returns: labels: list[str], properties: dict
MATCH (node)
RETURN labels(node) AS labels,
       properties(node) AS properties
