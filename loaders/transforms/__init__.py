"""From records to what the graph says: Ibis expressions, table in and table out, a module a domain.

Nothing here names an engine, so the same code runs on DuckDB and on any other engine of Ibis.
Every total is computed from all records of its key, never added to an earlier total: applying the
same records once or five times gives the same graph.
"""
