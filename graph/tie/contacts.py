"""Ties between subscribers: contacts by calls and messages, friendships, and their totals."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from cypher import statement
from graph.database.session import Row
from graph.errors import LedgerError
from graph.ledger import Ledger
from graph.lists import Asked
from graph.page import Start, named, parameters, totals
from graph.reader import Reader
from graph.totals import Totals

Channel = Literal["call", "message", "any"]

_GRAPH_IDENTITY = statement("database/identity")
_CONTACTS = statement("tie/contacts")
_CONTACT_COUNTS = statement("tie/contact_counts")
_CONTACTS_TOTAL = statement("tie/contacts_total")
_CONTACT_SUBSCRIBERS = statement("tie/contact_subscribers")
_FRIEND_COUNTS = statement("tie/friend_counts")
_FRIENDSHIPS_TOTAL = statement("tie/friendships_total")
_FRIEND_SUBSCRIBERS = statement("tie/friend_subscribers")


async def contacts(
    reader: Reader,
    starts: Sequence[Start],
    limit: int,
    node_columns: Sequence[str] | None = None,
    tie_columns: Sequence[str] | None = None,
    *,
    with_knows: bool = True,
) -> list[list[Row]]:
    """Return whom each subscriber is in contact with, the most calls and messages first.

    Parameters
    ----------
    node_columns, tie_columns : sequence of str, optional
        What to read of the others, and of the ties with them; all where absent.
    with_knows : bool
        Whether to read what third parties state: ``kinds``, one for each statement.
    """
    told = {"node_columns": node_columns, "tie_columns": tie_columns, "with_knows": with_knows}
    found = await _read(reader, starts, limit, with_parent=False, parent_columns=None, **told)
    return [contacts for _, contacts in found]


async def subscribers_with_contacts(
    reader: Reader,
    starts: Sequence[Start],
    limit: int,
    parent_columns: Sequence[str] | None,
    **told: Any,
) -> list[tuple[Row | None, list[Row]]]:
    """Return each subscriber, if it is there, and what ``contacts`` returns, by one statement.

    Parameters
    ----------
    parent_columns : sequence of str, optional
        What to read of the subscribers; all where absent.
    told
        What ``contacts`` is told.
    """
    return await _read(
        reader, starts, limit, with_parent=True, parent_columns=parent_columns, **told
    )


async def _read(
    reader: Reader, starts: Sequence[Start], limit: int, **told: Any
) -> list[tuple[Row | None, list[Row]]]:
    rows = await reader.read(_CONTACTS, starts=parameters(starts), limit=limit, **told)
    found: list[tuple[Row | None, list[Row]]] = [(None, [])] * len(starts)
    node_columns, tie_columns = told["node_columns"], told["tie_columns"]
    for position, subscriber, contacts in rows[0]["found"]:
        parent = starts[position].parent
        theirs = [
            {
                "parent": parent,
                "rank": rank,
                "key": key,
                "kinds": kinds,
                "node": named(node_columns, node),
                "outgoing": named(tie_columns, outgoing),
                "incoming": named(tie_columns, incoming),
            }
            for rank, key, kinds, node, outgoing, incoming in contacts
        ]
        row = named(told["parent_columns"], subscriber) if told["with_parent"] else None
        found[position] = row, theirs
    return found


async def contact_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many others each subscriber is in contact with."""
    return await totals(reader, _CONTACT_COUNTS, keys)


def friends(
    start: Start,
    limit: int,
    kind: str | None,
    node_columns: tuple[str, ...] | None = None,
) -> Asked:
    """Ask whom a subscriber knows by a third party's statement, by pseudonym.

    Parameters
    ----------
    kind : str or None
        Kind of tie; any where None.
    node_columns : tuple of str, optional
        What to read of the others; all where absent.
    """
    return Asked("met", "friends", start, limit, (("kind", kind), ("node_columns", node_columns)))


async def friend_counts(reader: Reader, keys: Sequence[str], kind: str | None) -> dict[str, int]:
    """Return how many others each subscriber knows by a third party's statement."""
    return await totals(reader, _FRIEND_COUNTS, keys, kind=kind)


async def kept_totals(reader: Reader, ledger: Ledger) -> Totals | None:
    """Return what all ties add up to by the ledger; None where it does not know this graph."""
    rows = await reader.read(_GRAPH_IDENTITY)
    try:
        # SQLite blocks its thread, and may wait for a load that is writing.
        return await asyncio.to_thread(ledger.totals, str(rows[0]["graph"]))
    except LedgerError:
        return None  # the graph itself can still be counted


async def contacts_total(reader: Reader, channel: Channel, namespace: str | None) -> Row:
    """Count what all ties of a channel add up to, in one namespace or in all, one by one."""
    rows = await reader.read(_CONTACTS_TOTAL, channel=channel, namespace=namespace)
    return rows[0]


async def contact_subscribers(reader: Reader, channel: Channel, namespace: str | None) -> int:
    """Count how many subscribers have a tie of a channel, in either direction."""
    rows = await reader.read(_CONTACT_SUBSCRIBERS, channel=channel, namespace=namespace)
    return int(rows[0]["total"])


async def friendships_total(reader: Reader, namespace: str | None, kind: str | None) -> Row:
    """Count ``pairs`` of friends, and how many of them are one subscriber ``to_oneself``."""
    rows = await reader.read(_FRIENDSHIPS_TOTAL, namespace=namespace, kind=kind)
    return rows[0]


async def friend_subscribers(reader: Reader, namespace: str | None, kind: str | None) -> int:
    """Count how many subscribers are in a tie that a third party states."""
    rows = await reader.read(_FRIEND_SUBSCRIBERS, namespace=namespace, kind=kind)
    return int(rows[0]["total"])
