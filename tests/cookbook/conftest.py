"""The town of the cookbook, loaded and analysed once, behind the application."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
from neo4j import GraphDatabase
from pydantic import AnyUrl, SecretStr

from cypher import statement
from graph.database.session import Endpoint
from graph.ledger import Ledger
from graph.settings import Settings
from loaders.analysis import analysed
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.api.conftest import CountingDatabase, Service
from tests.cookbook.page import Asked
from tests.village import KEY

#: As the page says that the town is made.
TOWN = Options(people=160, days=4, seed=7, records=5_000, problems=3)
_VIEWS = """
CREATE VIEW people AS SELECT subscriber_id, arg_max(plan, as_of) AS plan,
    arg_max(gender, as_of) AS gender FROM subscribers GROUP BY subscriber_id;
CREATE VIEW begun AS SELECT caller_id AS who, callee_id AS whom, TRUE AS is_call FROM calls
    UNION ALL SELECT sender_id, recipient_id, FALSE FROM messages;
CREATE VIEW events AS SELECT who, whom, is_call, TRUE AS is_out FROM begun
    UNION ALL SELECT whom, who, is_call, FALSE FROM begun;
"""
#: Kinds of records of which the files are counted, beside the loading of all.
_KINDS = (
    "subscribers",
    "packages",
    "subscriptions",
    "devices",
    "ownerships",
    "apps",
    "sessions",
    "calls",
    "messages",
    "ties",
    "touchpoints",
    "surveys",
)
#: What the page asks of; the other analyses would only take time.
_ANALYSED = (
    "behaviour",
    "experience",
    "problems",
    "ties",
    "communities",
    "influence",
    "churn",
    "preferences",
)
_NAMED = re.compile(r"^<(\d+)>$")


@dataclass(frozen=True)
class Town:
    """People behind the application, whom the page calls by their raw numbers."""

    service: Service
    folder: Path

    def answer(self, asked: Asked) -> Any:
        """Return the answer to what the page asks, with raw numbers for pseudonyms."""
        meant = _replaced(asked.variables, _meant)
        answered = self.service.data(asked.document, meant, **asked.who)
        numbers = self._numbers
        return _replaced(answered, lambda text: numbers.get(text, text))

    def counted(self, query: str, **params: Any) -> list[tuple[Any, ...]]:
        """Return what DuckDB says of the raw files, each of which is a table of its kind.

        ``people`` are subscribers as they were last, ``events`` calls and messages as both see
        them: ``who``, ``whom``, ``is_call`` and ``is_out``.
        """
        return self._engine.execute(query, params or None).fetchall()

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        engine = duckdb.connect()
        engine.execute("SET TimeZone = 'UTC'")
        for kind in _KINDS:
            files = [str(path) for path in sorted(self.folder.glob(f"{kind}*.csv"))]
            engine.read_csv(files, union_by_name=True).create(kind)  # type: ignore[arg-type]
        engine.execute(_VIEWS)
        return engine

    @cached_property
    def _numbers(self) -> Mapping[str, str]:
        people = self.counted("SELECT subscriber_id FROM people")
        return {KEY.pseudonym("generated", str(who)): f"<{who}>" for (who,) in people}


def _meant(text: str) -> str:
    found = _NAMED.match(text)
    return KEY.pseudonym("generated", found[1]) if found else text


def _replaced(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def town(graph_server: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve the town."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files") / "town"
    generate(folder, TOWN, lambda _day: None)
    settings = _settings(home, graph_server)
    _wipe(graph_server)
    load("generated", [str(folder)], settings, lambda: graph_server, Silence())
    for _line in analysed(settings, _ANALYSED, None, Silence()):
        pass
    with asyncio.Runner() as runner:
        database = CountingDatabase(lambda: graph_server, settings)
        yield Town(Service(settings, database, Ledger(settings.ledger_file), runner), folder)
        runner.run(database.close())


def _settings(home: Path, endpoint: Endpoint) -> Settings:
    (home / "identity.key").write_bytes(bytes(32))  # that of the village, so that keys are known
    return Settings(
        home_dir=home,
        identity_key_file=home / "identity.key",
        anonymous_role=None,
        experience_windows=("day",),
        neo4j_uri=AnyUrl(endpoint.uri),
        neo4j_user=endpoint.user,
        neo4j_password=SecretStr(endpoint.password),
        patience_s=60.0,  # a busy machine is no reason to give up
        statement_timeout_s=120.0,
    )


def _wipe(endpoint: Endpoint) -> None:
    auth = (endpoint.user, endpoint.password)
    with GraphDatabase.driver(endpoint.uri, auth=auth) as driver, driver.session() as session:
        session.run(statement("database/wipe").text).consume()
