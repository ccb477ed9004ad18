// Cells by identifier, page by page.
// mode: read
// params: after_key: str, limit: int
// returns: rank: int, key: str, node: map
MATCH (cell:Cell)
WHERE cell.cell_id > $after_key
WITH cell
ORDER BY cell.cell_id
LIMIT $limit
RETURN 0 AS rank,
       cell.cell_id AS key,
       cell {.*} AS node
ORDER BY key
