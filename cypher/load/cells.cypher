// Cells and the one place that each covers now; a place that a cell has left is let go.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (cell:Cell {cell_id: row.cell_id})
SET cell.namespace = row.namespace,
    cell.lat_deg = row.lat_deg,
    cell.lon_deg = row.lon_deg
WITH cell, row
MATCH (place:Place {h3: row.h3})
MERGE (cell)-[covers:COVERS]->(place)
SET covers.share = row.share
WITH cell, row
MATCH (cell)-[former:COVERS]->(left:Place)
WHERE left.h3 <> row.h3
DELETE former
