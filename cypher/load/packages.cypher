// Packages that can be subscribed to; one that nobody described has its key alone.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (package:Package {package_id: row.package_id})
SET package.namespace = row.namespace,
    package.name = row.name,
    package.kind = row.kind,
    package.price_minor = row.price_minor,
    package.currency = row.currency,
    package.allowance_bytes = row.allowance_bytes,
    package.allowance_s = row.allowance_s,
    package.allowance_messages = row.allowance_messages
