// Sites, with what the records say of them.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (site:Site {site_id: row.site_id})
SET site.namespace = row.namespace,
    site.name = row.name,
    site.lat_deg = row.lat_deg,
    site.lon_deg = row.lon_deg
