// The places that cells cover, each with its share of the cell's ground.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MATCH (cell:Cell {cell_id: row.cell_id})
MATCH (place:Place {h3: row.h3})
MERGE (cell)-[covers:COVERS]->(place)
SET covers.share = row.share
