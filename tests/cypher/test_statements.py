"""Every statement file: its header, its use, and what Neo4j's planner makes of it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import Neo4jError

from cypher import StatementError, names, statement
from graph.database.session import Endpoint, opened
from graph.settings import Settings

ROOT = Path(__file__).parent.parent.parent
CODE = ("cypher", "graph", "loaders", "api", "tests", "commands", "tiegraph.py")
ADMINISTRATION = "database/"  # dumps and wipes look at everything, on purpose
EXPENSIVE = {"AllNodesScan", "CartesianProduct", "UndirectedAllRelationshipsScan"}


def code_files() -> Iterator[Path]:
    for place in CODE:
        path = ROOT / place
        yield from [path] if path.is_file() else path.rglob("*.py")


def referenced() -> set[str]:
    """Return the names in all ``statement("...")`` of the code, examples of tests apart."""
    found: set[str] = set()
    for path in code_files():
        if path != Path(__file__):
            found.update(re.findall(r'\bstatement\("([\w/]+)"\)', path.read_text()))
    return found


@pytest.mark.parametrize("name", names())
def test_a_header_says_what_its_file_is(name: str) -> None:
    found = statement(name)
    said = re.match(r"((?:// .*\n)+?)// mode:", found.text)
    assert said, "what it means comes first"
    assert said[1].endswith(".\n"), "in whole sentences"
    assert re.fullmatch(r"[a-z_]+/[a-z0-9_]+", name)
    assert not re.search(r"\bRETURN\s+\*", found.text), "columns are named one by one"
    assert "datetime" not in " ".join(found.returns.values()), "it is sent as an instant"


def test_every_statement_is_used_and_every_used_one_exists() -> None:
    used = referenced()
    of_files = {name for name in names() if not name.startswith("schema/")}
    assert used - of_files == set()
    assert of_files - used == set()


def test_a_schema_file_makes_what_its_name_says() -> None:
    """The doctor compares the graph's constraints and indexes with the names of the files."""
    for name in names():
        if name.startswith("schema/"):
            number, _, what = name.removeprefix("schema/").partition("_")
            assert number.isdigit()
            assert re.search(rf"^CREATE (CONSTRAINT|INDEX) {what} IF NOT EXISTS$", *_body(name))


def _body(name: str) -> tuple[str, int]:
    return statement(name).text, re.MULTILINE


def test_no_statement_stands_in_python() -> None:
    """Whoever looks for a statement finds it below ``cypher/``."""
    clause = re.compile(r"""["'](MATCH|MERGE|UNWIND|CREATE|CALL) [(\[{$]""")
    program = [path for path in code_files() if "tests" not in path.relative_to(ROOT).parts]
    assert [str(path) for path in program if clause.search(path.read_text())] == []


@pytest.fixture(scope="module")
def driver(graph_server: Endpoint) -> Iterator[Driver]:
    """Return a driver to a graph with the whole schema, which the planner needs to know."""

    async def apply_schema() -> None:
        async with opened(lambda: graph_server, Settings()) as database:
            for name in names():
                if name.startswith("schema/"):
                    await database.alter(statement(name))

    asyncio.run(apply_schema())
    with GraphDatabase.driver(
        graph_server.uri,
        auth=(graph_server.user, graph_server.password),
        notifications_min_severity=NotificationMinimumSeverity.WARNING,
        warn_notification_severity=NotificationMinimumSeverity.OFF,
    ) as opened_driver:
        yield opened_driver


def operators(plan: dict[str, Any]) -> set[str]:
    found = {plan["operatorType"].partition("@")[0]}
    return found.union(*(operators(child) for child in plan.get("children", ())))


@pytest.mark.database
@pytest.mark.parametrize("name", names())
def test_the_planner_accepts_it(driver: Driver, name: str) -> None:
    """It compiles, returns the columns of its header, is not deprecated, and finds its rows."""
    wanted = statement(name)
    with driver.session() as session:
        try:
            # Text of our own file behind a keyword of ours.
            result = session.run(f"EXPLAIN {wanted.text}")  # pyright: ignore[reportArgumentType]
            columns = result.keys()
            summary = result.consume()
        except Neo4jError as error:
            pytest.fail(f"cypher/{name}.cypher: {error.message}")
    assert list(columns) == list(wanted.returns)
    statuses = summary.gql_status_objects
    assert [status for status in statuses if status.raw_classification == "DEPRECATION"] == []
    assert summary.plan
    if wanted.mode == "read" and not name.startswith(ADMINISTRATION):
        assert operators(summary.plan) & EXPENSIVE == set()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("RETURN 1 AS one", "tests/made: the header lacks mode, params, returns"),
        ("// Made.\n// mode: guess\n// params: -\n// returns: -\nRETURN 1", "mode is 'guess'"),
        ("// Made.\n// mode: read\n// params: -\n// returns: -\nRETURN $b AS b", "body uses ['b']"),
        ("// Made.\n// mode: read\n// params: b\n// returns: -\nRETURN 1", "'b' is not a list"),
    ],
    ids=["no header", "unknown mode", "undeclared parameter", "no type"],
)
def test_a_wrong_file_is_refused(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cypher._FOLDER", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "made.cypher").write_text(text)
    statement.cache_clear()
    with pytest.raises(StatementError) as caught:
        statement("tests/made")
    statement.cache_clear()
    assert complaint in str(caught.value)


def test_an_absent_file_is_named() -> None:
    with pytest.raises(StatementError, match=r"there is no cypher/nowhere/nothing\.cypher"):
        statement("nowhere/nothing")
