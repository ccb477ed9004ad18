// The graph has one mark.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT mark_name IF NOT EXISTS
FOR (node:Mark)
REQUIRE node.name IS UNIQUE
