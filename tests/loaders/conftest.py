"""What tests of loaders share: labs whose graphs can be compared."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.database.session import Endpoint
from tests.lab import Lab


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
