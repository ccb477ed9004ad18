// A site identifier names one site.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT site_key IF NOT EXISTS
FOR (node:Site)
REQUIRE node.site_id IS UNIQUE
