"""What tests share: one real Neo4j for the whole run, and the data of the shared folder."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.database.server import leased
from graph.database.session import Endpoint
from graph.memory import settle_memory
from graph.settings import Settings

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("TIEGRAPH_SHARED_DIR", ROOT.parent / "shared"))
JARS = Path(os.environ.get("TIEGRAPH_JARS_DIR", ROOT / ".tiegraph" / "jars"))

# How long a case takes says how busy the machine is, and nothing about what is tested.
hypothesis.settings.register_profile("tiegraph", deadline=None)
hypothesis.settings.load_profile("tiegraph")

_WIPE = statement("database/wipe")
_DROPS = (
    (statement("database/constraints"), statement("database/drop_constraint")),
    (statement("database/indexes"), statement("database/drop_index")),
)


@pytest.fixture(scope="session", autouse=True)
def settled() -> None:
    """Leave alone what was imported and collected: each load would search through all of it."""
    settle_memory()


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., Settings]:
    """Return a maker of settings for a small server in a given ``home_dir``, with shared jars."""
    # Everything that a developer's own environment could change is said here.
    return partial(
        Settings,
        jars_dir=JARS,
        neo4j_uri=None,
        neo4j_password=None,
        neo4j_database="neo4j",
        bolt_port=0,
        heap_mb=512,
        page_cache_mb=128,
        java_options=("-XX:TieredStopAtLevel=1",),  # they live too short for more to pay off
    )


@pytest.fixture(scope="session")
def graph_settings(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Settings:
    """Return the settings of the server that all tests share."""
    return settings_of(home_dir=tmp_path_factory.mktemp("home of the tests"))


@pytest.fixture(scope="session")
def graph_server(graph_settings: Settings) -> Iterator[Endpoint]:
    """Start one embedded server for the whole run."""
    with leased(graph_settings) as locate:
        yield locate()


@pytest.fixture
def empty_graph(graph_server: Endpoint) -> Endpoint:
    """Return the shared server without any data; what schema it has stays."""
    auth = (graph_server.user, graph_server.password)
    with GraphDatabase.driver(graph_server.uri, auth=auth) as driver:
        driver.execute_query(_WIPE.text)
    return graph_server


@pytest.fixture
def bare_graph(empty_graph: Endpoint) -> Endpoint:
    """Return the shared server without any data and schema."""
    auth = (empty_graph.user, empty_graph.password)
    with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver, driver.session() as session:
        for listing, drop in _DROPS:
            for name in session.run(listing.text).value("name"):
                session.run(drop.text, name=name).consume()
    return empty_graph


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared real data; skip where it is absent, but not in CI."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_standards() -> Path:
    """Return the folder of published contracts; skip where it is absent, but not in CI."""
    return _shared("standards")


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"the shared {name} are not at {folder}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
