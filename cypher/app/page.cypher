// Apps by key.
// mode: read
// params: after_key: str, limit: int, category: str | null
// returns: rank: int, key: str, node: map
MATCH (app:App)
WHERE app.app_id > $after_key
  AND ($category IS NULL OR app.category = $category)
WITH app
ORDER BY app.app_id
LIMIT $limit
RETURN 0 AS rank,
       app.app_id AS key,
       app {.*} AS node
ORDER BY key
