// Which places cells cover, and with which share of each cell.
// mode: read
// params: -
// returns: cell_id: str, h3: str, share: float
MATCH (cell:Cell)-[covers:COVERS]->(place:Place)
RETURN cell.cell_id AS cell_id,
       place.h3 AS h3,
       covers.share AS share
