// A package identifier names one package.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT package_key IF NOT EXISTS
FOR (node:Package)
REQUIRE node.package_id IS UNIQUE
