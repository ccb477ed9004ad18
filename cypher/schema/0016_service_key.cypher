// A service's word names one service.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT service_key IF NOT EXISTS
FOR (node:Service)
REQUIRE node.service_id IS UNIQUE
