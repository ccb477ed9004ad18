// Cells by identifier.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (cell:Cell {cell_id: wanted})
RETURN cell.cell_id AS key,
       cell {.*} AS node
