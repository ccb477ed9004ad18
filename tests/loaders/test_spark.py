"""DuckDB and Spark compute the same rows from the same records, and load the same graph."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ibis.backends import BaseBackend

from graph.database.home import DatabaseHome
from graph.database.session import Endpoint
from graph.settings import Settings
from loaders.batches import in_batches
from loaders.changes import changes
from loaders.engine import connect
from loaders.files import find_files
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.mapping import read_source
from loaders.staging import stage
from loaders.store import RecordStore
from tests.lab import Lab
from tests.loaders.tables_of import KEY

LOAD = "L1"
# Ibis' and Spark's Python sides speak of each other's old names, and leave sockets to the end.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of a small population, from 5 to 7 January 2026."""
    folder = tmp_path_factory.mktemp("population") / "files"
    generate(folder, Options(people=100, days=3, seed=1), lambda _: None)
    return folder


@pytest.fixture(scope="module")
def store(population: Path, tmp_path_factory: pytest.TempPathFactory) -> RecordStore:
    """Return the records of the population, with every kind that it makes."""
    folder = tmp_path_factory.mktemp("store")
    source = read_source("generated")
    found = find_files(source, [population], KEY)
    staged = stage(found, source, KEY, folder / "staged", lambda _: None, LOAD)
    store = RecordStore(folder / "records")
    for kind, files in staged.records.items():
        store.append(kind, files, LOAD)
    return store


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


@pytest.mark.database
@pytest.mark.usefixtures("quick_spark")
def test_spark_loads_the_graph_that_duckdb_loads(
    population: Path, empty_graph: Endpoint, tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """Spark's first load goes to the importer, its second over Bolt; DuckDB writes over Bolt."""
    key = tmp_path / "identity.key"
    key.write_bytes(os.urandom(32))
    ours = Lab(tmp_path / "duckdb", empty_graph, {"identity_key_file": key})
    ours.load("generated", population)
    theirs = Lab.embedded(
        tmp_path / "spark",
        settings_of,
        identity_key_file=key,
        spark_master="local[2]",
        bulk_rows=0,
    )
    drafts = DatabaseHome.of(settings_of(home_dir=theirs.home)).folder / "drafts"
    files = [path for path in population.iterdir() if path.is_file()]
    first = [path for path in files if "2026-01-07" not in path.name]
    done(theirs, "database", "start")
    try:
        done(theirs, "load", "--engine", "spark", "generated", *first)
        shutil.rmtree(drafts)  # which only the importer makes
        done(theirs, "load", "--engine", "spark", "generated", *set(files).difference(first))
        assert not drafts.exists()
        told = done(theirs, "database", "digest")
    finally:
        done(theirs, "database", "stop")
    expected = ours.digest()
    assert told.split()[0] == expected.sha256, (told, expected)


def done(lab: Lab, *command: str | Path) -> str:
    """Run a command that must succeed, and return what it prints."""
    ran = lab.run(*command)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
