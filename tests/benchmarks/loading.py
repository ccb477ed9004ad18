"""Loading against its floor: DuckDB on the same files, then the bare driver with the same rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from neo4j import Driver, GraphDatabase

from cypher import statement
from graph.database.session import Endpoint
from graph.settings import Settings
from loaders.batches import in_batches
from loaders.changes import changes
from loaders.engine import connect
from loaders.load import load
from loaders.progress import Silence
from loaders.store import RecordStore, load_ids
from loaders.writer import WRITES
from tests.benchmarks.population import write_population
from tests.benchmarks.timing import Comparison

PEOPLE, CALLS, MESSAGES = 20_000, 200_000, 300_000
ROUNDS = 3

_WIPE = statement("database/wipe")
_READ_AND_AGGREGATE = """
WITH events AS (
  SELECT caller, callee, "timestamp", duration FROM read_csv($calls)
  UNION ALL
  SELECT sender, recipient, "timestamp", NULL FROM read_csv($messages)
)
SELECT caller, callee, count(*), count(duration), sum(duration), min("timestamp"), max("timestamp")
FROM events GROUP BY caller, callee
"""


def compare(settings: Settings, locate: Callable[[], Endpoint], folder: Path) -> Comparison:
    """Time both, in turn, on an empty graph each."""
    files = folder / "population"
    write_population(files, PEOPLE, CALLS, MESSAGES)
    endpoint = locate()
    auth = (endpoint.user, endpoint.password)
    work = f"Load {CALLS + MESSAGES:,} records of {PEOPLE:,} people"
    comparison = Comparison(work, "tiegraph load", "DuckDB, then the bare driver")
    with GraphDatabase.driver(endpoint.uri, auth=auth) as driver:
        for number in range(ROUNDS):
            home = settings.model_copy(update={"home_dir": folder / f"home {number}"})
            _wipe(driver)
            comparison.ours(load, "copenhagen", [str(files)], home, locate, Silence())
            rows = _rows_of(home)
            _wipe(driver)
            comparison.peer(_floor, driver, files, rows, settings.batch_rows)
    return comparison


def _floor(driver: Driver, files: Path, rows: dict[str, list[Any]], batch_rows: int) -> None:
    """Do what any loader must: read and aggregate the files, and write the finished rows."""
    named = {"calls": str(files / "calls.csv"), "messages": str(files / "sms.csv")}
    duckdb.connect().execute(_READ_AND_AGGREGATE, named).fetchall()
    with driver.session() as session:
        for name, finished in rows.items():
            for offset in range(0, len(finished), batch_rows):
                batch = finished[offset : offset + batch_rows]
                session.run(WRITES[name].text, rows=batch).consume()


def _rows_of(settings: Settings) -> dict[str, list[Any]]:
    """Return the very rows that our load wrote."""
    engine = connect()
    records = RecordStore(settings.records_folder).tables(engine)
    found = changes(engine, records, load_ids(records))
    return {
        name: [row for batch in in_batches(table, settings.batch_rows) for row in batch]
        for name, table in found.rows.items()
    }


def _wipe(driver: Driver) -> None:
    driver.execute_query(_WIPE.text)
