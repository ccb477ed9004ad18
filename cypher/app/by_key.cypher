// Apps by key.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (app:App {app_id: wanted})
RETURN app.app_id AS key,
       app {.*} AS node
