"""One more day of records against its floor: the bare driver, which writes the same rows.

Two graphs are alike at first: the first days of a generated population. Ours reads each further
day's files, judges and stores their records, computes what they change, and writes that to the
one graph; the driver writes the very same rows, which it is given, to the other.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ibis.expr.types import Table
from neo4j import Driver, GraphDatabase

from cypher import Statement
from graph.database.digest import GraphDigest, digest
from graph.database.server import leased
from graph.database.session import Endpoint, opened
from graph.settings import Settings
from loaders import writer
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.benchmarks.timing import Comparison

PEOPLE, A_DAY, DAYS, ROUNDS = 50_000, 100_000, 10, 2

_Batch = tuple[Statement, list[dict[str, Any]]]


class Recorder:
    """Keeps the rows that a load writes, as they go by."""

    def __init__(self) -> None:
        self.batches: list[_Batch] = []
        self._write_rows = writer._write_rows  # pyright: ignore[reportPrivateUsage]
        self._in_batches = writer.in_batches
        self._statement: Statement

    async def write_rows(self, database: Any, write: Statement, *rest: Any) -> None:
        """Write rows by a statement, and note which it is."""
        self._statement = write
        await self._write_rows(database, write, *rest)

    def in_batches(self, table: Table, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """Yield batches, and keep them."""
        for batch in self._in_batches(table, batch_rows):
            self.batches.append((self._statement, batch))
            yield batch


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
                recorder = Recorder()
                with (
                    patch.object(writer, "_write_rows", recorder.write_rows),
                    patch.object(writer, "in_batches", recorder.in_batches),
                ):
                    more = [str(path) for path in files.glob(f"*-{day}.csv")]
                    comparison.ours(load, "generated", more, ours, locate, Silence())
                comparison.peer(_write, driver, recorder.batches)
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
