"""One more day of records against its floor: the bare driver, which writes the same rows.

Two graphs are alike at first: the first days of a generated population. Ours reads each further
day's files, judges and stores their records, computes what they change, and writes that to the
one graph; the driver writes the very same rows, which it is given, to the other.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from neo4j import Driver, GraphDatabase

from cypher import Statement
from graph.database.digest import GraphDigest, digest
from graph.database.server import leased
from graph.database.session import Database, Endpoint, opened
from graph.settings import Settings
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from loaders.writer import WRITES
from tests.benchmarks.timing import Comparison

PEOPLE, A_DAY, DAYS, ROUNDS = 50_000, 100_000, 10, 2

_Batch = tuple[Statement, list[dict[str, Any]]]


@contextmanager
def recorded() -> Iterator[list[_Batch]]:
    """Keep the rows that are written while the block runs."""
    batches: list[_Batch] = []
    original = Database.write

    async def write(database: Database, wanted: Statement, **params: Any) -> list[dict[str, Any]]:
        if wanted in WRITES.values():
            batches.append((wanted, params["rows"]))
        return await original(database, wanted, **params)

    with patch.object(Database, "write", write):
        yield batches


def compare(jars: Path, folder: Path) -> Comparison:
    """Time both, in turn, a day a round; the two graphs must be the same in the end."""
    files, ours = folder / "days", Settings(home_dir=folder / "ours", jars_dir=jars, bulk_rows=0)
    options = Options(people=PEOPLE, days=DAYS + ROUNDS, seed=1, records=A_DAY * (DAYS + ROUNDS))
    generate(files, options, lambda _day: None)
    days = sorted({path.stem.removeprefix("calls-") for path in files.glob("calls-*")})
    first = [str(path) for path in files.glob("*.csv") if path.stem[-10:] not in days[DAYS:]]
    with leased(ours, when_asked=True) as locate:
        load("generated", first, ours, locate, Silence())
    peers = ours.model_copy(update={"home_dir": folder / "peer's"})
    shutil.copytree(ours.home_dir, peers.home_dir)
    work = f"{A_DAY:,} records more to {A_DAY * DAYS:,} of {PEOPLE:,} people"
    comparison = Comparison(work, "tiegraph load", "the bare driver with the same rows")
    with leased(ours) as locate, leased(peers) as elsewhere:
        where = elsewhere()
        with GraphDatabase.driver(where.uri, auth=(where.user, where.password)) as driver:
            for day in days[DAYS:]:
                more = [str(path) for path in files.glob(f"*-{day}.csv")]
                with recorded() as batches:
                    comparison.ours(load, "generated", more, ours, locate, Silence())
                comparison.peer(_write, driver, batches)
        if _digest(locate, ours) != _digest(elsewhere, peers):
            raise AssertionError("the two graphs differ")
    return comparison


def _write(driver: Driver, batches: list[_Batch]) -> None:
    with driver.session() as session:
        for statement, rows in batches:
            session.run(statement.text, rows=rows).consume()


def _digest(locate: Callable[[], Endpoint], settings: Settings) -> GraphDigest:
    async def ask() -> GraphDigest:
        async with opened(locate, settings) as database:
            return await digest(database)

    return asyncio.run(ask())
