// One community per key.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT community_key IF NOT EXISTS
FOR (node:Community)
REQUIRE node.community_id IS UNIQUE
