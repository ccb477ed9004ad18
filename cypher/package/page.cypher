// Packages by identifier.
// mode: read
// params: after_key: str, limit: int
// returns: rank: int, key: str, node: map
MATCH (package:Package)
WHERE package.package_id > $after_key
WITH package
ORDER BY package.package_id
LIMIT $limit
RETURN 0 AS rank,
       package.package_id AS key,
       package {.*} AS node
ORDER BY key
