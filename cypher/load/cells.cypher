// Cells and their site; the places that they covered are let go, because all are told anew.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (cell:Cell {cell_id: row.cell_id})
SET cell.namespace = row.namespace,
    cell.lat_deg = row.lat_deg,
    cell.lon_deg = row.lon_deg,
    cell.azimuth_deg = row.azimuth_deg,
    cell.beam_deg = row.beam_deg,
    cell.range_m = row.range_m,
    cell.technology = row.technology,
    cell.coverage = row.coverage,
    cell.valid_from = datetime(row.valid_from),
    cell.valid_to = datetime(row.valid_to)
WITH cell, row
CALL (cell) {
  MATCH (cell)-[former:COVERS|AT]->()
  DELETE former
}
WITH cell, row
MATCH (site:Site {site_id: row.site_id})
MERGE (cell)-[:AT]->(site)
