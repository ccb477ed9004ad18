// How many apps there are.
// mode: read
// params: category: str | null
// returns: total: int
MATCH (app:App)
WHERE ($category IS NULL OR app.category = $category)
RETURN count(app) AS total
