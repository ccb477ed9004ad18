"""A first load against its floor: DuckDB on the same files, then the bare importer.

The floor is what any loader must do: read the files, aggregate them, and have Neo4j's importer
build a graph from finished tables. Ours also judges every row, makes pseudonyms, keeps a record
store and exchanges the graph of a running server.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

import duckdb

from graph.database import importer
from graph.database.server import leased
from graph.settings import Settings
from loaders import bulk
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.benchmarks.timing import Comparison

PEOPLE, RECORDS, ROUNDS = 50_000, 1_000_000, 2

# What the graph says of calls, messages, sessions and places, straight from the files.
_AGGREGATES = (
    """
    CREATE OR REPLACE TEMP TABLE events AS
    SELECT caller_id, callee_id, started_at AS happened_at, duration_s, caller_cell_id AS cell_id
    FROM read_csv($calls, union_by_name = true)
    UNION ALL
    SELECT sender_id, recipient_id, sent_at, NULL, sender_cell_id
    FROM read_csv($messages, union_by_name = true)
    """,
    """
    CREATE OR REPLACE TEMP TABLE contacts AS
    SELECT caller_id, callee_id, count(*), count(duration_s), sum(duration_s),
           count(DISTINCT happened_at::DATE), min(happened_at), max(happened_at)
    FROM events GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE subscribers AS
    SELECT subscriber_id, count(*), sum(duration_s), count(DISTINCT other_id),
           count(DISTINCT happened_at::DATE), min(happened_at), max(happened_at)
    FROM (
      SELECT caller_id AS subscriber_id, callee_id AS other_id, duration_s, happened_at FROM events
      UNION ALL
      SELECT callee_id, caller_id, duration_s, happened_at FROM events
    ) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE sessions AS
    SELECT * FROM read_csv($sessions, union_by_name = true)
    """,
    """
    CREATE OR REPLACE TEMP TABLE uses AS
    SELECT subscriber_id, app_id, service, count(*), sum(duration_s), sum(volume_up_bytes),
           sum(volume_down_bytes), min(started_at), max(started_at)
    FROM sessions GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE presences AS
    SELECT subscriber_id, seen_at, cell_id FROM read_csv($locations, union_by_name = true)
    UNION ALL SELECT subscriber_id, started_at, cell_id FROM sessions
    UNION ALL SELECT caller_id, happened_at, cell_id FROM events
    """,
    """
    CREATE OR REPLACE TEMP TABLE visits AS
    SELECT subscriber_id, cell_id, count(*), count(*) FILTER (cell_id IS DISTINCT FROM before),
           min(seen_at), max(seen_at)
    FROM (
      SELECT *, lag(cell_id) OVER (PARTITION BY subscriber_id ORDER BY seen_at) AS before
      FROM presences
    ) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE homes AS
    SELECT subscriber_id, arg_max(cell_id, nights) FROM (
      SELECT subscriber_id, cell_id, count(DISTINCT seen_at::DATE) AS nights
      FROM presences WHERE hour(seen_at) NOT BETWEEN 7 AND 18 GROUP BY ALL
    ) GROUP BY ALL
    """,
)


class Recorder:
    """Keeps a copy of what the importer is given, so that it can be given that again."""

    again: Callable[[], None]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.build: Callable[..., None] = importer.build

    def __call__(self, settings: Settings, draft: Path, *files: object, **options: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(draft, self.folder)
        self.again = partial(self.build, settings, self.folder, *files, **options)
        self.build(settings, draft, *files, **options)


def compare(jars: Path, folder: Path) -> Comparison:
    """Time both, in turn, each in an empty home folder."""
    files = folder / "population"
    generate(files, Options(people=PEOPLE, days=7, seed=1, records=RECORDS), _unwatched)
    work = f"First load of {RECORDS:,} records of {PEOPLE:,} people"
    comparison = Comparison(work, "tiegraph load", "DuckDB, then the bare importer")
    recorder = Recorder(folder / "tables")
    for number in range(ROUNDS):
        settings = Settings(home_dir=folder / f"first {number}", jars_dir=jars, bulk_rows=0)
        with leased(settings, when_asked=True) as locate, patch.object(bulk, "build", recorder):
            comparison.ours(load, "generated", [str(files)], settings, locate, Silence())
        comparison.peer(_floor, files, recorder.again)
    return comparison


def _floor(files: Path, build: Callable[[], None]) -> None:
    named = {
        kind: str(files / f"{kind}-*.csv")
        for kind in ("calls", "messages", "sessions", "locations")
    }
    engine = duckdb.connect()
    for statement in _AGGREGATES:
        wanted = {name: path for name, path in named.items() if f"${name}" in statement}
        engine.execute(statement, wanted)
    build()


def _unwatched(_day: int) -> None:
    """Take no notice."""
