"""A first load against its floor: DuckDB on the same files, then the bare importer.

The floor is what any loader must do: read the files, aggregate them, and have Neo4j's importer
build a graph from finished tables. Ours also judges every row, makes pseudonyms, keeps a record
store, and ends with a server that answers. What is built answers nobody before it has a server,
constraints and indexes, so the same is also told with these on both sides.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

import duckdb

from graph.database import importer
from graph.database.home import DatabaseHome
from graph.database.importer import exchange
from graph.database.schema import await_indexes, prepare
from graph.database.server import leased
from graph.database.session import Endpoint, opened
from graph.identity import IdentityKey
from graph.settings import Settings
from loaders import bulk
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.benchmarks.timing import Comparison

RECORDS, ROUNDS = 1_000_000, 2
A_PERSON = 20  # records
_KINDS = (
    "calls",
    "messages",
    "sessions",
    "locations",
    "subscribers",
    "ownerships",
    "subscriptions",
    "payments",
    "ties",
    "touchpoints",
    "surveys",
    "counters",
)

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
    CREATE OR REPLACE TEMP TABLE attributes AS
    SELECT subscriber_id, max_by(COLUMNS(* EXCLUDE (subscriber_id, as_of)), as_of)
    FROM read_csv($subscribers, union_by_name = true) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE owned AS
    SELECT subscriber_id, tac, min(since) FROM read_csv($ownerships) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE subscribed AS
    SELECT subscriber_id, package_id, min(since) FROM read_csv($subscriptions) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE paid AS
    SELECT payment_id, max(COLUMNS(* EXCLUDE payment_id))
    FROM read_csv($payments, union_by_name = true) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE friends AS
    SELECT DISTINCT least(subscriber_id, other_id), greatest(subscriber_id, other_id), kind
    FROM read_csv($ties)
    """,
    """
    CREATE OR REPLACE TEMP TABLE helped AS
    SELECT touchpoint_id, max(COLUMNS(* EXCLUDE touchpoint_id))
    FROM read_csv($touchpoints, union_by_name = true) GROUP BY ALL
    """,
    """
    CREATE OR REPLACE TEMP TABLE answers AS
    SELECT DISTINCT * FROM read_csv($surveys, union_by_name = true)
    """,
    """
    CREATE OR REPLACE TEMP TABLE counted AS
    SELECT cell_id, name, sum(value) FROM read_csv($counters, union_by_name = true) GROUP BY ALL
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
        shutil.copytree(draft, self.folder, copy_function=os.link)
        self.again = partial(self.build, settings, self.folder, *files, **options)
        self.build(settings, draft, *files, **options)


def compare(jars: Path, folder: Path, records: int = RECORDS, rounds: int = ROUNDS) -> str:
    """Time both, in turn, each in an empty home folder."""
    files, people = folder / "population", records // A_PERSON
    generate(files, Options(people=people, days=7, seed=1, records=records), _unwatched)
    work = f"First load of {records:,} records of {people:,} people"
    bare = Comparison(work, "tiegraph load", "DuckDB, then the bare importer")
    served = Comparison("The same, where both end with a server", bare.our_name, "such a floor")
    for number in range(rounds):
        settings = Settings(home_dir=folder / f"first {number}", jars_dir=jars, bulk_rows=0)
        floor = settings.model_copy(update={"home_dir": folder / f"floor {number}"})
        recorder = Recorder(DatabaseHome.of(floor).folder / "drafts" / "tables")
        with leased(settings, when_asked=True) as locate, patch.object(bulk, "build", recorder):
            bare.ours(load, "generated", [str(files)], settings, locate, Silence())
        bare.peer(_floor, files, recorder.again)
        with leased(floor, when_asked=True) as locate:
            served.peer(_serve, floor, locate, recorder.folder)
        served.peer_s[-1] += bare.peer_s[-1]
    served.our_s = bare.our_s
    return f"{bare}\n{served}"


def _floor(files: Path, build: Callable[[], None]) -> None:
    named = {kind: str(files / f"{kind}*.csv") for kind in _KINDS}
    engine = duckdb.connect()
    for statement in _AGGREGATES:
        wanted = {name: path for name, path in named.items() if f"${name}" in statement}
        engine.execute(statement, wanted)
    build()


def _serve(settings: Settings, locate: Callable[[], Endpoint], built: Path) -> None:
    """Start a server on a graph that was built, and give it constraints and indexes."""
    exchange(settings, built)

    async def prepared() -> None:
        async with opened(locate, settings) as database:
            await prepare(database, IdentityKey.of(settings))
            await await_indexes(database)

    asyncio.run(prepared())


def _unwatched(_day: int) -> None:
    """Take no notice."""
