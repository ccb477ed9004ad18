// All apps, by key.
// mode: read
// params: -
// returns: app_id: str, category: str | null
MATCH (app:App)
RETURN app.app_id AS app_id,
       app.category AS category
ORDER BY app_id
