"""The village behind the application, asked as a client asks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from neo4j import GraphDatabase

from api.application import create_application
from api.context import Services
from api.log import open_log
from api.tokens import issue_token
from cypher import Statement, statement
from graph.database.session import Database, Endpoint, Row
from graph.ledger import Ledger
from graph.settings import Role, Settings
from tests.lab import PATIENCE_S
from tests.village import KEY, settle

Result = TypeVar("Result")

GRAPHQL_JSON = "application/graphql-response+json"


class CountingDatabase(Database):
    """The real database, which also writes down what it was asked."""

    def __init__(self, locate: Callable[[], Endpoint], settings: Settings) -> None:
        super().__init__(locate, settings)
        self.asked: list[str] = []

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Write the statement's name down and run it."""
        self.asked.append(wanted.name)
        return await super().read(wanted, **params)


@dataclass
class Service:
    """The application without a network between, in an event loop of its own."""

    settings: Settings
    database: CountingDatabase
    ledger: Ledger
    runner: asyncio.Runner
    log: StringIO = field(default_factory=StringIO)

    def __post_init__(self) -> None:
        self.application = create_application(
            self.settings, self.database, self.ledger, KEY, log_stream=self.log
        )

    @property
    def services(self) -> Services:
        """What the application stands on."""
        return Services(self.settings, self.database, self.ledger, KEY, open_log(self.log))

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.application)
            async with httpx.AsyncClient(transport=transport, base_url="http://village") as client:
                return await client.request(method, path, **options)

        return self.run(send())

    def run(self, work: Awaitable[Result]) -> Result:
        """Run something in the application's event loop."""

        async def awaited() -> Result:
            return await work

        return self.runner.run(awaited())

    def post(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        role: Role | None = "admin",
        subject: str = "tester",
        purpose: str | None = None,
    ) -> httpx.Response:
        """Ask in a role; without one, without a token."""
        headers = {"accept": GRAPHQL_JSON}
        if role:
            token = issue_token(self.settings, role, subject, purpose)
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables}
        return self.request("POST", "/graphql", json=body, headers=headers)

    def data(self, query: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
        """Return the data of an answer that has no errors."""
        response = self.post(query, variables, **options)
        body = response.json()
        assert "errors" not in body, body["errors"]
        assert response.status_code == 200
        return body["data"]

    def errors(self, query: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
        """Return code and message of an answer's errors."""
        errors = self.post(query, variables, **options).json()["errors"]
        return [(error["extensions"]["code"], error["message"]) for error in errors]


@pytest.fixture(scope="module")
def village_endpoint(graph_server: Endpoint) -> Endpoint:
    """Return the shared server with the village on it and nothing else."""
    auth = (graph_server.user, graph_server.password)
    with GraphDatabase.driver(graph_server.uri, auth=auth) as driver, driver.session() as session:
        session.run(statement("database/wipe").text).consume()
    return graph_server


@pytest.fixture(scope="module")
def village(
    village_endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Serve the village."""
    settings = offline_settings(tmp_path_factory.mktemp("village"))
    with asyncio.Runner() as runner:
        database = CountingDatabase(lambda: village_endpoint, settings)
        runner.run(settle(database))
        yield Service(settings, database, Ledger(settings.ledger_file), runner)
        runner.run(database.close())


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve without any database: nothing listens at its address."""
    settings = offline_settings(tmp_path_factory.mktemp("nowhere"))
    endpoint = Endpoint("bolt://127.0.0.1:9", "neo4j", "none")
    with asyncio.Runner() as runner:
        database = CountingDatabase(lambda: endpoint, settings)
        yield Service(settings, database, Ledger(settings.ledger_file), runner)
        runner.run(database.close())


def offline_settings(home: Path, **more: Any) -> Settings:
    """Return settings that the developer's environment does not change."""
    defaults: dict[str, Any] = {"anonymous_role": None, "neo4j_uri": None, "max_page_size": 100}
    defaults["patience_s"] = PATIENCE_S
    return Settings(home_dir=home, **{**defaults, **more})


def fresh_service(
    service: Service, home: Path, database: CountingDatabase | None = None
) -> Service:
    """Return a service with a home, and so a ledger and a log, of its own."""
    settings = service.settings.model_copy(update={"home_dir": home})
    ledger = Ledger(settings.ledger_file)
    return Service(settings, database or service.database, ledger, service.runner)
