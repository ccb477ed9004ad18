"""What it costs to ask the book of consents at every read: the same query with and without it.

The one without takes everything to be open, and does all the rest alike.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.consent.book import ConsentBook
from graph.consent.pairwise import pairwise
from graph.consent.terms import ITEMS, Terms, with_parts
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Settings
from tests.benchmarks.timing import Comparison

CONSENTS, ASKED, CONNECTIONS, ROUNDS = 1_000_000, 400, 8, 7
_AT_ONCE = 200_000
_FREELY = {"request_rates": {"partner": 1e6}}
_PARTNERS = ("cinema", "restaurant", "theatre", "gym", "shop")
_PURPOSE = "dpv:Marketing"
_SCOPE = frozenset({"demographics", "contacts", "apps"})
_EVERYTHING = with_parts(frozenset(ITEMS))
_DOCUMENT = """query ($key: ID!) {
  consentedSubscriber(key: $key) {
    key opened demographics { gender birthYear }
    contacts(first: 20) { edges { events node { key } } }
  }
}"""


class OpenBook(ConsentBook):
    """A book that says everything is open, without looking."""

    def opens(self, partner: str, subject: str, purpose: str, at: datetime) -> frozenset[str]:
        """Return all items."""
        return _EVERYTHING

    def opened(
        self, partner: str, subjects: Sequence[str], purpose: str, item: str, at: datetime
    ) -> set[str]:
        """Return all of the people."""
        return set(subjects)


class OpenServices(Services):
    """Services with such a book."""

    @cached_property
    def consents(self) -> ConsentBook:
        """The book."""
        return OpenBook(self.settings.consents_file)


def compare(
    people: Collection[str], consents: int, settings: Settings, locate: Callable[[], Endpoint]
) -> str:
    """Time both, in turn, for the same subscribers: by the wall's clock and the processor's."""
    book, given = ConsentBook(settings.consents_file), 0
    terms = _terms(people, consents)
    while some := list(islice(terms, _AT_ONCE)):
        given += len(book.give_all(some, "bench"))
    return asyncio.run(_compare(sorted(people), given, settings, locate))


def _terms(people: Collection[str], consents: int) -> Iterator[Terms]:
    """Yield consents to all partners, of the people and of as many others as it takes."""
    now, draw = datetime.now(UTC), random.Random(0).getrandbits  # noqa: S311 (no secrets)
    begins, ends = now - timedelta(days=1), now + timedelta(days=1)
    others = (f"{draw(128):032x}" for _ in range(consents // len(_PARTNERS) - len(people)))
    for person in chain(people, others):
        for partner in _PARTNERS:
            yield Terms(person, partner, _PURPOSE, _SCOPE, begins, ends, "bench")


async def _compare(
    people: list[str], given: int, settings: Settings, locate: Callable[[], Endpoint]
) -> str:
    key, database = IdentityKey.of(settings), Database(locate, settings)
    ledger = Ledger(settings.ledger_file)
    settings = settings.model_copy(update=_FREELY)
    ours = Services(settings, database, ledger, key)
    peer = OpenServices(settings, database, ledger, key)
    asked = random.Random(0).sample(people, ASKED)  # noqa: S311 (people, not secrets)
    keys = [pairwise(key, _PARTNERS[0], 1, person) for person in asked]
    await _all(peer, keys)
    told = []
    for name, clock in (("", time.perf_counter), (", processor", time.process_time)):
        comparison = Comparison(
            f"{ASKED} consented views, {CONNECTIONS} at once, {given:,} consents{name}",
            "every read asks the book",
            "nothing is asked",
            clock=clock,
        )
        for _ in range(ROUNDS):
            await comparison.ours_async(_all, ours, keys)
            await comparison.peer_async(_all, peer, keys)
        told.append(str(comparison))
    await database.close()
    return "\n".join(told)


async def _all(services: Services, keys: list[str]) -> None:
    slots = asyncio.Semaphore(CONNECTIONS)

    async def one(key: str) -> None:
        async with slots:
            await _ask(services, key)

    await asyncio.gather(*map(one, keys))


async def _ask(services: Services, key: str) -> Any:
    viewer = Viewer("partner", _PARTNERS[0], purpose=_PURPOSE)
    response = await answer(services, _DOCUMENT, {"key": key}, viewer)
    if "errors" in response or not response["data"]["consentedSubscriber"]["key"]:
        raise RuntimeError(response)
