// A cell identifier names one cell.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT cell_key IF NOT EXISTS
FOR (node:Cell)
REQUIRE node.cell_id IS UNIQUE
