// Cells that stand in any of some boxes of latitudes and longitudes; borders belong to a box.
// mode: read
// params: boxes: list[map], limit: int
// returns: key: str, lat_deg: float, lon_deg: float
UNWIND $boxes AS box
MATCH (cell:Cell)
WHERE cell.lat_deg >= box.south
  AND cell.lat_deg <= box.north
  AND cell.lon_deg >= box.west
  AND cell.lon_deg <= box.east
RETURN cell.cell_id AS key,
       cell.lat_deg AS lat_deg,
       cell.lon_deg AS lon_deg
LIMIT $limit
