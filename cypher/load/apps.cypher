// Apps and sites of the web; one that nobody described has its key alone.
// mode: write
// params: rows: list[map]
// returns: -
UNWIND $rows AS row
MERGE (app:App {app_id: row.app_id})
SET app.namespace = row.namespace,
    app.name = row.name,
    app.category = row.category,
    app.maker = row.maker
