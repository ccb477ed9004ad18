// Current scores of owners that exist; those of segments have no owner but their name.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
CALL (row) {
  WITH row
  WHERE row.kind = 'subscriber'
  MATCH (owner:Subscriber {subscriber_id: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'place'
  MATCH (owner:Place {h3: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'cell'
  MATCH (owner:Cell {cell_id: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'device'
  MATCH (owner:Device {tac: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'app'
  MATCH (owner:App {app_id: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'service'
  MATCH (owner:Service {service_id: row.owner})
  RETURN owner
  UNION ALL
  WITH row
  WHERE row.kind = 'segment'
  RETURN null AS owner
}
CREATE (experience:Experience)
SET experience = row.properties
WITH owner, experience, row
CALL (owner, experience) {
  WITH owner, experience
  WHERE owner IS NOT NULL
  CREATE (owner)-[:EXPERIENCED]->(experience)
}
WITH experience, row
MATCH (service:Service {service_id: row.service_id})
CREATE (service)-[:OF]->(experience)
