// An H3 index names one place.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT place_key IF NOT EXISTS
FOR (node:Place)
REQUIRE node.h3 IS UNIQUE
