"""A graph that the importer built is the one that transactions would have written."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.database.digest import GraphDigest
from graph.database.home import DatabaseHome
from graph.database.importer import ImportFiles, build
from graph.database.server import leased, locate, start, stop
from graph.database.session import Endpoint
from graph.errors import DatabaseError
from graph.settings import Settings
from loaders.load import load
from loaders.progress import Silence
from tests.lab import KILLS, TIEGRAPH, Lab, digest_of

pytestmark = pytest.mark.database

SAMPLES = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"


@pytest.fixture(scope="module")
def started(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Iterator[Settings]:
    """Yield the settings of a server of its own whose graph is built by the importer."""
    folder = tmp_path_factory.mktemp("importing")
    key = folder / "identity.key"
    key.write_bytes(os.urandom(32))
    settings = settings_of(
        home_dir=folder / "a home, with a comma", identity_key_file=key, bulk_rows=0
    )
    start(settings)
    try:
        yield settings
    finally:
        stop(settings)


@pytest.fixture
def settings(started: Settings) -> Iterator[Settings]:
    """Yield them with neither records nor graph."""
    yield started
    start(started)  # one that a kill had restarted went with the last who used it
    _begin_anew(started)


def written(settings: Settings, empty_graph: Endpoint, source: str, path: Path) -> GraphDigest:
    """Return the digest of the graph that transactions write."""
    home = settings.home_dir.parent / f"written from {source}"
    lab = Lab(home, empty_graph, {"identity_key_file": settings.identity_key_file})
    lab.load(source, path)
    return lab.digest()


@pytest.mark.parametrize("source", ["bandicoot", "ibm-telco"])
def test_both_writers_make_the_same_graph(
    source: str, settings: Settings, empty_graph: Endpoint, shared_data: Path
) -> None:
    path = shared_data / source.replace("ibm-telco", "ibm_telco_churn")
    with leased(settings) as where:
        load(source, [str(path)], settings, where, Silence())
    assert digest_of(settings) == written(settings, empty_graph, source, path)
    assert not list(_drafts(settings).iterdir())


def test_an_importer_that_is_killed_leaves_the_old_graph_or_the_new(
    settings: Settings, empty_graph: Endpoint
) -> None:
    expected = written(settings, empty_graph, "copenhagen", SAMPLES)
    with leased(settings) as where:
        moments = random.Random(20261123)  # noqa: S311 (moments, not secrets)
        for kill in range(KILLS):
            process = _started(settings)
            while process.poll() is None and not _drafts(settings).is_dir():
                time.sleep(0.05)
            time.sleep(_BUILD_S * (kill + moments.random()) / KILLS)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            with leased(settings):  # starts a server that was just being exchanged
                assert digest_of(settings).relationships in (0, expected.relationships)
            load("copenhagen", [str(SAMPLES)], settings, where, Silence())
            assert digest_of(settings) == expected
            _begin_anew(settings)


def test_the_importer_has_the_options_of_java(settings: Settings, tmp_path: Path) -> None:
    """Java refuses to begin with one that it does not know."""
    odd = settings.model_copy(update={"java_options": ("-XX:+NoSuchOption",)})
    with pytest.raises(DatabaseError, match="status 1"):
        build(odd, tmp_path, ImportFiles([], []))
    assert "'NoSuchOption'" in (tmp_path / "said").read_text()


def _drafts(settings: Settings) -> Path:
    return DatabaseHome.of(settings).folder / "drafts"


def _begin_anew(settings: Settings) -> None:
    """Forget records and graph, but keep the server."""
    where = locate(settings)
    with GraphDatabase.driver(where.uri, auth=(where.user, where.password)) as driver:
        driver.execute_query(statement("database/wipe").text)
    for folder in (settings.records_folder, _drafts(settings)):
        shutil.rmtree(folder, ignore_errors=True)
    settings.ledger_file.unlink(missing_ok=True)


_BUILD_S = 12  # from the first draft to the last index, on a quiet machine


def _started(settings: Settings) -> "subprocess.Popen[bytes]":
    ours = {k: v for k, v in os.environ.items() if not k.startswith("TIEGRAPH_")}
    ours |= {
        "TIEGRAPH_HOME_DIR": str(settings.home_dir),
        "TIEGRAPH_JARS_DIR": str(settings.jars_folder),
        "TIEGRAPH_IDENTITY_KEY_FILE": str(settings.identity_key_file),
        "TIEGRAPH_BULK_ROWS": "0",
        "TIEGRAPH_HEAP_MB": "512",
        "TIEGRAPH_JAVA_OPTIONS": json.dumps(settings.java_options),
    }
    return subprocess.Popen(
        [str(TIEGRAPH), "load", "copenhagen", str(SAMPLES)],
        env=ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
