// Packages by identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (package:Package {package_id: wanted})
RETURN package.package_id AS key,
       package {.*} AS node
