"""DuckDB and Spark compute the same rows from the same records: every row of every table."""

from collections.abc import Iterator
from typing import Any

import pytest
from ibis.backends import BaseBackend

from graph.settings import Settings
from loaders.changes import changes
from loaders.engine import connect, working
from loaders.files import find_files
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.mapping import read_source
from loaders.staging import stage
from loaders.store import RecordStore
from loaders.writer import in_batches
from tests.loaders.tables_of import KEY

LOAD = "L1"
# Ibis' and Spark's Python sides speak of each other's old names, and leave sockets to the end.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RecordStore:
    """Return the records of a small population, with every kind that it makes."""
    folder = tmp_path_factory.mktemp("population")
    generate(folder / "files", Options(people=300, days=3, seed=1), lambda _: None)
    source = read_source("generated")
    found = find_files(source, [folder / "files"], KEY)
    staged = stage(found, source, KEY, folder / "staged", lambda _: None, LOAD)
    store = RecordStore(folder / "records")
    for kind, files in staged.records.items():
        store.append(kind, files, LOAD)
    return store


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseBackend]:
    """Yield Spark on this machine."""
    settings = Settings(engine="spark", spark_master="local[2]")
    with working(settings, tmp_path_factory.mktemp("spark")) as engine:
        yield engine


def rows_of(engine: BaseBackend, store: RecordStore) -> dict[str, list[dict[str, Any]]]:
    """Return all rows for an empty graph, in an order that does not depend on the engine."""
    found = changes(
        engine,
        store.tables(engine),
        frozenset({LOAD}),
        is_whole=True,
        local_zone="Europe/Copenhagen",
    )
    return {
        name: sorted((row for batch in in_batches(table, 10_000) for row in batch), key=repr)
        for name, table in found.rows.items()
    }


def test_both_engines_compute_the_same_rows(store: RecordStore, spark: BaseBackend) -> None:
    ours, theirs = rows_of(connect(), store), rows_of(spark, store)
    assert ours.keys() == theirs.keys()
    assert {name for name, rows in ours.items() if not rows} <= {"measurements"}
    for name, rows in ours.items():
        assert theirs[name] == rows, name
