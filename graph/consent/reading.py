"""What the graph has of those who consent; whom to ask for is the view's to say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from cypher import statement
from graph.consent.view import Consenting, View
from graph.database.session import Row
from graph.page import Mark, nodes
from graph.reader import Reader

_SUBSCRIBERS = statement("consent/subscribers")
_CONTACTS = statement("consent/contacts")
_COUNT = statement("consent/count")
_COUNTED_AT_ONCE = 10_000


async def consenting(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the demographics of some subscribers; who is not in the graph is left out."""
    return await nodes(reader, _SUBSCRIBERS, keys)


async def consenting_page(
    reader: Reader, view: View, item: str, after: str, limit: int
) -> list[Row]:
    """Return up to ``limit`` people who have an item open, each with ``rank`` and ``key``."""
    found: list[Row] = []
    while len(found) < limit:
        wanted = limit - len(found)
        following = view.following(item, after, wanted)
        known = await consenting(reader, [subject for _, subject in following])
        found += [
            {"rank": 0, "key": consent_id, "node": Consenting(subject)}
            for consent_id, subject in following
            if subject in known
        ]
        if len(following) < wanted:
            break
        after = following[-1][0]
    return found


async def count_consenting(reader: Reader, view: View, item: str) -> int:
    """Return how many people have an item open, of those who are in the graph."""
    everybody, total = view.everybody(item), 0
    while keys := list(islice(everybody, _COUNTED_AT_ONCE)):
        total += int((await reader.read(_COUNT, keys=keys))[0]["total"])
    return total


async def all_contacts(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return everybody whom some subscribers are in contact with, whoever may know of it."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.read(_CONTACTS, keys=list(keys)):
        found[row["key"]].append(row)
    return found


def open_contacts(view: View, contacts: Iterable[Row]) -> list[Row]:
    """Return those of somebody's contacts who have that open, too, the most events first.

    Each has ``rank``, the calls and messages both ways, and ``key``, the partner's pseudonym.
    """
    events = {row["other_id"]: row["events"] for row in contacts}
    rows = [
        {"rank": events[other], "key": view.pseudonym(other), "node": Consenting(other)}
        for other in view.having("contacts", events)
    ]
    return sorted(rows, key=lambda row: (-row["rank"], row["key"]))


def rows_after(rows: Iterable[Row], mark: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` rows after a mark, of rows whose greatest rank comes first."""
    place = (-mark.rank, mark.key)
    return list(islice((row for row in rows if (-row["rank"], row["key"]) > place), limit))
