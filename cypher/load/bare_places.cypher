// Take back the places of one resolution that no cell covers, no one visits and no place lies in.
// mode: write
// params: resolution: int
// returns: -
MATCH (place:Place {resolution: $resolution})
WHERE NOT EXISTS { (place)<-[:COVERS|VISITED|IN]-() }
DETACH DELETE place
