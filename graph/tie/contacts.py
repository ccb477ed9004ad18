"""Ties between subscribers: contacts by calls and messages, friendships, and their totals."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from cypher import statement
from graph.database.session import Row
from graph.errors import LedgerError
from graph.ledger import Ledger
from graph.page import Start, pages, totals
from graph.reader import Reader
from graph.totals import Totals

Channel = Literal["call", "message", "any"]

_GRAPH_IDENTITY = statement("database/identity")
_CONTACTS = statement("tie/contacts")
_CONTACT_COUNTS = statement("tie/contact_counts")
_CONTACTS_TOTAL = statement("tie/contacts_total")
_CONTACT_SUBSCRIBERS = statement("tie/contact_subscribers")
_FRIENDS = statement("tie/friends")
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
    chosen = {"node_columns": node_columns, "tie_columns": tie_columns}
    found = await pages(reader, _CONTACTS, starts, limit, **chosen, with_knows=with_knows)
    for rows in found:
        for row in rows:
            row["node"] = _named(node_columns, row["node"])
            row["outgoing"] = _named(tie_columns, row["outgoing"])
            row["incoming"] = _named(tie_columns, row["incoming"])
    return found


def _named(columns: Sequence[str] | None, values: Any) -> Row | None:
    return values if columns is None or values is None else dict(zip(columns, values, strict=True))


async def contact_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many others each subscriber is in contact with."""
    return await totals(reader, _CONTACT_COUNTS, keys)


async def friends(
    reader: Reader, starts: Sequence[Start], limit: int, kind: str | None
) -> list[list[Row]]:
    """Return whom each subscriber knows by a third party's statement, by pseudonym.

    Parameters
    ----------
    kind : str or None
        Kind of tie; any where None.
    """
    return await pages(reader, _FRIENDS, starts, limit, kind=kind)


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
