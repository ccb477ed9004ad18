"""DuckDB and Spark compute the same rows from the same records, and load the same graph."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ibis.backends import BaseBackend

from graph.database.home import DatabaseHome
from graph.database.server import leased
from graph.database.session import Endpoint
from graph.settings import Settings
from loaders.batches import in_batches
from loaders.changes import changes
from loaders.engine import connect
from loaders.files import find_files
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.mapping import read_source
from loaders.progress import Silence
from loaders.staging import stage
from loaders.store import RecordStore
from tests.lab import Lab, digest_of
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
    """Spark's first load goes to the importer, its second over Bolt; DuckDB writes over Bolt.

    In this process, whose Java the test before has made warm.
    """
    key = tmp_path / "identity.key"
    key.write_bytes(os.urandom(32))
    ours = Lab(tmp_path / "duckdb", empty_graph, {"identity_key_file": key})
    ours.load("generated", population)
    theirs = settings_of(
        home_dir=tmp_path / "spark",
        identity_key_file=key,
        engine="spark",
        spark_master="local[2]",
        bulk_rows=0,
    )
    drafts = DatabaseHome.of(theirs).folder / "drafts"
    files = {str(path) for path in population.iterdir() if path.is_file()}
    first = {path for path in files if "2026-01-07" not in path}
    with leased(theirs) as where:
        load("generated", sorted(first), theirs, where, Silence())
        shutil.rmtree(drafts)  # which only the importer makes
        load("generated", sorted(files - first), theirs, where, Silence())
        assert not drafts.exists()
        assert digest_of(theirs) == ours.digest()


@pytest.mark.database
def test_what_spark_could_not_load_is_loaded_without_it(
    population: Path, empty_graph: Endpoint, tmp_path: Path
) -> None:
    lab = Lab(tmp_path / "home", empty_graph, {"spark_master": "nowhere"})
    calls = population / "calls-2026-01-05.csv"
    done = lab.run("load", "--engine", "spark", "generated", calls)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Spark does not start at nowhere" in done.stderr
    lab.load("generated", calls)
    events = lab.ask("{ contactsAggregate { events } }")["contactsAggregate"]["events"]
    assert events == len(calls.read_text().splitlines()) - 1
