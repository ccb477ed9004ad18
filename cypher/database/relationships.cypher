// Every relationship with everything about it and the keys of its ends, for a canonical dump.
// mode: read
// params: keys: dict
// returns: type: str, properties: dict, start_labels: list[str], start_keys: list, end_labels: list[str], end_keys: list
MATCH (start)-[relationship]->(end)
RETURN type(relationship) AS type,
       properties(relationship) AS properties,
       labels(start) AS start_labels,
       [label IN labels(start) | [property IN $keys[label] | start[property]]] AS start_keys,
       labels(end) AS end_labels,
       [label IN labels(end) | [property IN $keys[label] | end[property]]] AS end_keys
