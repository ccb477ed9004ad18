// A touchpoint identifier names one touchpoint.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT touchpoint_key IF NOT EXISTS
FOR (node:Touchpoint)
REQUIRE node.touchpoint_id IS UNIQUE
