// A type allocation code names one model of device.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT device_key IF NOT EXISTS
FOR (node:Device)
REQUIRE node.tac IS UNIQUE
