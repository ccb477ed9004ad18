// One interest per key.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT interest_key IF NOT EXISTS
FOR (node:Interest)
REQUIRE node.interest_id IS UNIQUE
