"""What tests of loaders share: labs whose graphs can be compared, and a quick Spark."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ibis.backends import BaseBackend
from neo4j import GraphDatabase

from cypher import statement
from graph.database.session import Endpoint
from graph.settings import Settings
from loaders.engine import working
from tests.lab import Lab

# A Spark of a minute is over before what Java optimises in depth pays.
QUICK_SPARK = "--driver-java-options -XX:TieredStopAtLevel=1"
# Of a few rows, what Spark would make code for is sooner done than its code is compiled.
_WITHOUT_CODE = (
    "--conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN"
)


@pytest.fixture
def new_lab(tmp_path: Path, empty_graph: Endpoint) -> Callable[[str], Lab]:
    """Return a maker of labs with an empty record store and graph, and one identity key."""
    key = tmp_path / "identity.key"
    key.write_bytes(os.urandom(32))
    auth = (empty_graph.user, empty_graph.password)

    def make(name: str) -> Lab:
        with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver:
            driver.execute_query(statement("database/wipe").text)
        return Lab(tmp_path / name, empty_graph, {"identity_key_file": key})

    return make


@pytest.fixture
def quick_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands and this process start a Spark that works without making code."""
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{QUICK_SPARK} {_WITHOUT_CODE} pyspark-shell")


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseBackend]:
    """Yield Spark on this machine as users have it."""
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{QUICK_SPARK} pyspark-shell")
    settings = Settings(engine="spark", spark_master="local[2]")
    with working(settings, tmp_path / "engine") as engine:
        yield engine
