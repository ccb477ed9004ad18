// Which properties name a node of a label: those of its unique constraints.
// mode: read
// params: -
// returns: label: str, properties: list[str]
SHOW CONSTRAINTS
YIELD name, type, entityType, labelsOrTypes, properties
WHERE entityType = 'NODE' AND type ENDS WITH 'UNIQUENESS'
RETURN labelsOrTypes[0] AS label,
       properties
ORDER BY name
