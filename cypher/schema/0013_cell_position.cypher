// Cells by where they stand.
// mode: schema
// params: -
// returns: -
CREATE INDEX cell_position IF NOT EXISTS
FOR (node:Cell)
ON (node.lat_deg, node.lon_deg, node.cell_id)
