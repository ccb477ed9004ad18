"""The user view through GraphQL against the same statements through the bare driver."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from cypher import Statement
from graph.database.session import Database, Endpoint, Row
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Role, Settings
from tests.benchmarks.timing import Comparison

VIEW = """query ($key: ID!) {
  subscriber(key: $key) {
    key namespace status tenureMonths demographics { gender birthYear }
    traffic { events contacts callsOut callsIn durationOutS messagesOut messagesIn lastAt }
    contacts(first: 20) { edges { events outgoing { calls durationS } node { key status } } }
    friends(first: 20) { nodes { key } }
    places(first: 20) { edges { visits dwellS node { h3 } } }
    packages(first: 20) { edges { since node { name } } }
    payments(first: 20) { nodes { amountMinor currency paidAt } }
    devices(first: 20) { edges { since node { maker model } } }
    usage { sessions durationS volumeDownBytes }
    apps(first: 20) { edges { sessions volumeDownBytes node { name category } } }
    services(first: 20) { edges { sessions node { key } } }
    touchpoints(first: 20) { nodes { at stage channel outcome } }
    surveys(first: 20) { nodes { kind score answeredAt } }
  }
}"""
SUBSCRIBERS, CONNECTIONS, ROUNDS = 300, 16, 5
_KEYS = """query ($after: String) {
  subscribers(first: 100, after: $after) { nodes { key } pageInfo { endCursor } }
}"""

Asked = list[tuple[Statement, dict[str, Any]]]


class Recorder(Database):
    """A database that remembers what it was asked."""

    def __init__(self, locate: Callable[[], Endpoint], settings: Settings) -> None:
        super().__init__(locate, settings)
        self.asked: Asked = []

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        self.asked.append((wanted, params))
        return await super().read(wanted, **params)


def compare(settings: Settings, locate: Callable[[], Endpoint]) -> Comparison:
    """Time both, in turn, for the same subscribers."""
    return asyncio.run(_compare(settings, locate))


async def _compare(settings: Settings, locate: Callable[[], Endpoint]) -> Comparison:
    endpoint, database = locate(), Recorder(locate, settings)
    services = Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
    work = f"User view of {SUBSCRIBERS} subscribers, {CONNECTIONS} at once"
    comparison = Comparison(work, "GraphQL", "the same statements, bare driver")
    auth = (endpoint.user, endpoint.password)
    async with AsyncGraphDatabase.driver(
        endpoint.uri, auth=auth, notifications_min_severity="OFF"
    ) as driver:
        keys = await some_keys(services, SUBSCRIBERS)
        views = [await recorded(services, database, key) for key in keys]
        for _ in range(ROUNDS):
            await comparison.ours_async(_at_once, [ask(services, key) for key in keys])
            await comparison.peer_async(_at_once, [replay(driver, view) for view in views])
    await database.close()
    return comparison


async def some_keys(services: Services, number: int) -> list[str]:
    """Return the first keys in order, which is a random order, pseudonyms being what they are."""
    keys: list[str] = []
    after = None
    while len(keys) < number:
        page = (await _answered(services, _KEYS, {"after": after}))["subscribers"]
        keys += [node["key"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    return keys[:number]


async def recorded(
    services: Services, database: Recorder, key: str, view: str = VIEW, role: Role = "analyst"
) -> Asked:
    """Return the statements that a view costs."""
    database.asked.clear()
    await ask(services, key, view, role)
    return list(database.asked)


async def ask(services: Services, key: str, view: str = VIEW, role: Role = "analyst") -> None:
    """Ask for a subscriber's view."""
    await _answered(services, view, {"key": key}, role)


async def _answered(
    services: Services, document: str, variables: dict[str, Any], role: Role = "analyst"
) -> Any:
    response = await answer(services, document, variables, Viewer(role, "bench"))
    if "errors" in response:
        raise RuntimeError(response["errors"])
    return response["data"]


async def replay(driver: AsyncDriver, asked: Asked) -> None:
    """Ask for the subscriber, then for all the rest at once, as GraphQL must."""
    first, *rest = asked
    await _run(driver, *first)
    await asyncio.gather(*(_run(driver, *one) for one in rest))


async def _run(driver: AsyncDriver, wanted: Statement, params: dict[str, Any]) -> None:
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        await (await session.run(wanted.text, params)).data()


async def _at_once(work: list[Awaitable[None]]) -> None:
    slots = asyncio.Semaphore(CONNECTIONS)

    async def one(awaitable: Awaitable[None]) -> None:
        async with slots:
            await awaitable

    await asyncio.gather(*(one(awaitable) for awaitable in work))
