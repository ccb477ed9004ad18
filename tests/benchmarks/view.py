"""The whole view of a subscriber, of all domains, against the same statements by the bare driver.

One after the other, as a person on the line is looked up: what a view takes, not how many go on.
What is read from files (experience, behaviour, habits, consents) has no floor here. Both run as
the service does, on uvloop and with what ``settled_memory`` settles.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import uvloop
from neo4j import AsyncGraphDatabase, GraphDatabase
from pydantic import AnyUrl, SecretStr

from api.context import Services
from cypher import statement
from graph.database.session import Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.memory import settled_memory
from graph.settings import Settings
from loaders.analysis import analysed
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.benchmarks.timing import Comparison
from tests.benchmarks.user_view import Recorder, ask, recorded, replay, some_keys

PEOPLE, DAYS, RECORDS, VIEWS = 1_000, 4, 30_000, 100
VIEW = """query ($key: ID!) {
  subscriber(key: $key) {
    key namespace status joinedOn segment plan demographics { gender birthYear }
    traffic { events contacts callsOut callsIn durationOutS messagesOut messagesIn lastAt }
    contacts(first: 20) {
      edges { events outgoing { calls durationS } relation { overlap } node { key status } }
    }
    friends(first: 20) { nodes { key } }
    places(first: 20) { edges { visits dwellS node { h3 } } }
    home { share place { h3 } } work { share place { h3 } }
    packages(first: 20) { edges { since node { name } } }
    payments(first: 20) { nodes { amountMinor currency paidAt } }
    devices(first: 20) { edges { since node { maker model } } }
    usage { sessions durationS volumeDownBytes }
    apps(first: 20) { edges { sessions volumeDownBytes node { name category } } }
    services(first: 20) { edges { sessions node { key } } }
    touchpoints(first: 20) { nodes { at stage channel outcome } }
    surveys(first: 20) { nodes { kind score answeredAt } }
    experience { cei coverage trend services { service cei } stages { stage cei } }
    preferences { score confidence interest { name } }
    habits { days hours { weekday hour days } parts { part share places { h3 share } } }
    behaviour(groupBy: NONE) { numberOfContacts { mean } radiusOfGyrationKm { mean } }
    churn { risk rank reasons { title part } exposure { contacts left } }
    influence { pagerank rank role kShell betweenness }
    communities { level size density churnRate }
    problems(first: 20) { edges { samples fall state node { kind state } } }
    consents { partner state scope }
  }
}"""


def compare(settings: Settings, locate: Callable[[], Endpoint], folder: Path) -> Comparison:
    """Load a generated town in the place of the graph, analyse it, and time views of it."""
    town, endpoint = folder / "town", locate()
    home = settings.model_copy(
        update={
            "experience_windows": ("day",),
            "home_dir": folder / "home of the town",
            "neo4j_uri": AnyUrl(endpoint.uri),
            "neo4j_user": endpoint.user,
            "neo4j_password": SecretStr(endpoint.password),
        }
    )
    auth = (endpoint.user, endpoint.password)
    with GraphDatabase.driver(endpoint.uri, auth=auth) as driver:
        driver.execute_query(statement("database/wipe").text)
    generate(town, Options(people=PEOPLE, days=DAYS, records=RECORDS, seed=7), lambda _day: None)
    load("generated", [str(town)], home, locate, Silence())
    for _line in analysed(home, (), None, Silence()):
        pass
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_compare(home, locate))


async def _compare(settings: Settings, locate: Callable[[], Endpoint]) -> Comparison:
    endpoint, database = locate(), Recorder(locate, settings)
    services = Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
    work = f"Whole view, all domains, {VIEWS} of {PEOPLE:,} subscribers, one at a time"
    comparison = Comparison(work, "GraphQL, median", "its statements, bare driver, median")
    auth = (endpoint.user, endpoint.password)
    async with AsyncGraphDatabase.driver(
        endpoint.uri, auth=auth, notifications_min_severity="OFF"
    ) as driver:
        keys = await some_keys(services, VIEWS)
        views = [await recorded(services, database, key, VIEW, "admin") for key in keys]
        with settled_memory():
            for key, view in zip(keys, views, strict=True):
                await comparison.ours_async(ask, services, key, VIEW, "admin")
                await comparison.peer_async(replay, driver, view)
    await database.close()
    return comparison
