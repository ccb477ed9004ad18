// Cells that stand in any of some boxes of latitudes and longitudes, as lists beside each other.
// mode: read
// params: boxes: list[map], limit: int
// returns: keys: list[str], lat_deg: list[float], lon_deg: list[float]
UNWIND $boxes AS box
MATCH (cell:Cell)
WHERE cell.lat_deg >= box.south
  AND cell.lat_deg <= box.north
  AND cell.lon_deg >= box.west
  AND cell.lon_deg <= box.east
  // True of all cells; an index of three properties is used for conditions on all three only.
  AND cell.cell_id IS NOT NULL
WITH cell
LIMIT $limit
RETURN collect(cell.cell_id) AS keys,
       collect(cell.lat_deg) AS lat_deg,
       collect(cell.lon_deg) AS lon_deg
