// The cells of each site, by identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS key
MATCH (:Site {site_id: key})<-[:AT]-(cell:Cell)
RETURN key,
       cell {.*} AS node
ORDER BY key, cell.cell_id
