// Places of the raster under their parents; a parent's row comes before its children's.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (place:Place {h3: row.h3})
SET place.resolution = row.resolution,
    place.lat_deg = row.lat_deg,
    place.lon_deg = row.lon_deg
WITH place, row
WHERE row.parent IS NOT NULL
MATCH (parent:Place {h3: row.parent})
MERGE (place)-[:IN]->(parent)
