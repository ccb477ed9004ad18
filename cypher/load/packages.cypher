// Packages that can be subscribed to.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (package:Package {package_id: row.package_id})
SET package.namespace = row.namespace,
    package.name = row.name,
    package.kind = row.kind
