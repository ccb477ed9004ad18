// Every relationship with everything about it and the keys of its ends, for a canonical dump.
// Instants are told as {datetime: text}, nanoseconds included: the driver is slow to make them.
// mode: read
// params: keys: dict
// returns: type: str, properties: list, start_labels: list[str], start_keys: list, end_labels: list[str], end_keys: list
MATCH (start)-[relationship]->(end)
RETURN type(relationship) AS type,
       [key IN keys(relationship) | [key, CASE
         WHEN relationship[key] IS :: ZONED DATETIME THEN {datetime: toString(relationship[key])}
         ELSE relationship[key]
       END]] AS properties,
       labels(start) AS start_labels,
       [label IN labels(start) | [property IN $keys[label] | start[property]]] AS start_keys,
       labels(end) AS end_labels,
       [label IN labels(end) | [property IN $keys[label] | end[property]]] AS end_keys
