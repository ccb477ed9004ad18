// An app identifier names one app.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT app_key IF NOT EXISTS
FOR (node:App)
REQUIRE node.app_id IS UNIQUE
