"""One more day of records against its floor: the bare driver, which writes the same rows.

Two graphs are alike at first: the first days of a generated population. Ours reads each further
day's files, judges and stores their records, computes what they change, and writes that to the
one graph; the driver writes the very same rows, which it is given, to the other.

A further day has some 100,000 records at the most: every so-manieth row of a larger population's
day. The graphs are compared in the end where that takes less than minutes.
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
from tests.benchmarks.bulk import A_PERSON, RECORDS, ROUNDS
from tests.benchmarks.timing import Comparison

A_DAY, DAYS = 100_000, 10  # records, and days of the first load
_COMPARED = 2_000_000  # records

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


def compare(jars: Path, folder: Path, records: int = RECORDS, rounds: int = ROUNDS) -> Comparison:
    """Time both, in turn, a day a round; two graphs that differ in the end are an error."""
    files, ours = folder / "days", Settings(home_dir=folder / "ours", jars_dir=jars, bulk_rows=0)
    first, days = _generated(files, records, rounds)
    with leased(ours, when_asked=True) as locate:
        load("generated", first, ours, locate, Silence())
    peers = ours.model_copy(update={"home_dir": folder / "peer's"})
    shutil.copytree(ours.home_dir, peers.home_dir)
    more, people = min(A_DAY, records // DAYS), records // A_PERSON
    work = f"{more:,} records more to {records:,} of {people:,} people"
    comparison = Comparison(work, "tiegraph load", "the bare driver with the same rows")
    with leased(ours) as locate, leased(peers) as elsewhere:
        where = elsewhere()
        with GraphDatabase.driver(where.uri, auth=(where.user, where.password)) as driver:
            for day in days:
                with recorded() as batches:
                    comparison.ours(load, "generated", day, ours, locate, Silence())
                comparison.peer(_write, driver, batches)
        if records <= _COMPARED and _digest(locate, ours) != _digest(elsewhere, peers):
            raise AssertionError("the two graphs differ")
    return comparison


def _generated(files: Path, records: int, rounds: int) -> tuple[list[str], list[list[str]]]:
    """Generate a population; return the files of its first load, and those of each further day."""
    a_day, people = records // DAYS, records // A_PERSON
    days = DAYS + rounds
    options = Options(people=people, days=days, seed=1, records=a_day * days)
    generate(files, options, lambda _day: None)
    named = sorted({path.stem.removeprefix("calls-") for path in files.glob("calls-*")})
    further = [[*files.glob(f"*-{day}.csv")] for day in named[DAYS:]]
    for path in (path for day in further for path in day):
        _thin(path, max(1, a_day // A_DAY))
    first = {*files.glob("*.csv")} - {path for day in further for path in day}
    return sorted(map(str, first)), [sorted(map(str, day)) for day in further]


def _thin(path: Path, of_rows: int) -> None:
    """Leave one of so many rows below a file's header."""
    header, *rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + b"".join(rows[::of_rows]))


def _write(driver: Driver, batches: list[_Batch]) -> None:
    with driver.session() as session:
        for statement, rows in batches:
            session.run(statement.text, rows=rows).consume()


def _digest(locate: Callable[[], Endpoint], settings: Settings) -> GraphDigest:
    async def ask() -> GraphDigest:
        async with opened(locate, settings) as database:
            return await digest(database)

    return asyncio.run(ask())
