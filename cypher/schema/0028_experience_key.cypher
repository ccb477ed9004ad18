// One score per owner, service, window and version of the model.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT experience_key IF NOT EXISTS
FOR (node:Experience)
REQUIRE node.experience_id IS UNIQUE
