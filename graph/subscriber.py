"""Subscribers: one by key or identity, and pages of those that a filter lets through."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from cypher import statement
from graph.database.session import Row
from graph.errors import BadInput
from graph.identity import IdentityKey, spellings
from graph.page import Mark, nodes
from graph.reader import Reader

Order = Literal["key", "contacts", "events"]
Direction = Literal["ascending", "descending"]

_BY_KEY = statement("subscriber/by_key")
_NEXT_NAMESPACE = statement("subscriber/next_namespace")
_COUNT = statement("subscriber/count")
_COUNT_ALL = statement("subscriber/count_all")
_PAGES = {
    ("key", "ascending"): statement("subscriber/page_by_key_ascending"),
    ("key", "descending"): statement("subscriber/page_by_key_descending"),
    ("contacts", "ascending"): statement("subscriber/page_by_contacts_ascending"),
    ("contacts", "descending"): statement("subscriber/page_by_contacts_descending"),
    ("events", "ascending"): statement("subscriber/page_by_events_ascending"),
    ("events", "descending"): statement("subscriber/page_by_events_descending"),
}


@dataclass(frozen=True)
class Filter:
    """Which subscribers are meant; ``None`` leaves a property open.

    Attributes
    ----------
    has_calls, has_messages : bool, optional
        With at least one, in either direction; missed calls count.
    has_contacts, has_friends : bool, optional
        With at least one counterpart; a friendship to oneself counts.
    place : str, optional
        H3 index of a place of any resolution where they were.
    app, service, device : str, optional
        Key of an app or a service that they used, or of a model of device that they had.
    """

    namespace: str | None = None
    status: str | None = None
    gender: str | None = None
    has_calls: bool | None = None
    has_messages: bool | None = None
    has_contacts: bool | None = None
    has_friends: bool | None = None
    place: str | None = None
    app: str | None = None
    service: str | None = None
    device: str | None = None


EVERYONE = Filter()


async def subscribers(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the subscribers with these pseudonyms; unknown ones are left out."""
    return await nodes(reader, _BY_KEY, keys)


async def subscriber_page(
    reader: Reader,
    wanted: Filter,
    order: Order,
    direction: Direction,
    after: Mark,
    limit: int,
) -> list[Row]:
    """Return up to ``limit`` subscribers after a mark, each with ``rank`` and ``key``."""
    page = _PAGES[order, direction]
    rank = {"after_rank": after.rank} if "after_rank" in page.params else {}
    return await reader.read(page, after_key=after.key, limit=limit, **rank, **asdict(wanted))


async def count_subscribers(reader: Reader, wanted: Filter) -> int:
    """Return how many subscribers a filter lets through."""
    if wanted == EVERYONE:
        rows = await reader.read(_COUNT_ALL)
    else:
        rows = await reader.read(_COUNT, **asdict(wanted))
    return int(rows[0]["total"])


async def namespaces(reader: Reader) -> list[str]:
    """Return the namespaces of all subscribers, sorted."""
    found: list[str] = []
    while rows := await reader.read(_NEXT_NAMESPACE, after=found[-1] if found else ""):
        found.append(rows[0]["namespace"])
    return found


async def subscriber_behind(
    reader: Reader, key: IdentityKey, identity: str, namespace: str | None
) -> Row | None:
    """Return the subscriber with a raw identity, in one namespace or in whichever knows it.

    Raises
    ------
    BadInput
        Several subscribers have this identity, in several namespaces, and none was given.
    """
    found = await subscribers(reader, await pseudonyms_of(reader, key, identity, namespace))
    if len(found) > 1:
        known = ", ".join(sorted(row["namespace"] for row in found.values()))
        raise BadInput(f"several namespaces know this identity: give one of {known}")
    return next(iter(found.values()), None)


async def pseudonyms_of(
    reader: Reader, key: IdentityKey, identity: str, namespace: str | None = None
) -> list[str]:
    """Return what a raw identity can be known by, in one namespace or in all that there are."""
    candidates = [namespace] if namespace is not None else await namespaces(reader)
    return [
        key.pseudonym(candidate, spelling)
        for candidate in candidates
        for spelling in spellings(identity)
    ]
