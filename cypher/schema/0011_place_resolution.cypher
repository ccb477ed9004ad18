// Places of one size.
// mode: schema
// params: -
// returns: -
CREATE INDEX place_resolution IF NOT EXISTS
FOR (node:Place)
ON (node.resolution)
