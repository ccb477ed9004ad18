"""Pages of what hangs on a node, for many nodes in one statement.

A page begins after a mark: the rank and the key of the last entry that the reader has seen. What
is added or removed before the mark moves nothing, unlike a numbered offset.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cypher import Statement
from graph.database.session import Row
from graph.reader import Reader

GREATEST_INT = 2**63 - 1  # of Cypher's integers


class Mark(NamedTuple):
    """Where a page begins: right after this entry, in the order of the statement.

    Attributes
    ----------
    rank : int
        What the entries are ordered by first, for example their number of calls and messages.
    key : str
        What orders entries of equal rank.
    """

    rank: int
    key: str


TOP = Mark(GREATEST_INT, "")  # before the first entry, where the greatest rank comes first
BOTTOM = Mark(-1, "")  # before the first entry, where the smallest rank comes first
END = Mark(GREATEST_INT, "\U0010ffff")  # after the last entry, where the greatest comes last


class Start(NamedTuple):
    """One node's page: whose, and where it begins."""

    parent: str
    after: Mark = TOP


async def pages(
    reader: Reader, wanted: Statement, starts: Sequence[Start], limit: int, **params: Any
) -> list[list[Row]]:
    """Return up to ``limit`` rows for each start, in the starts' order, by one statement.

    The statement has the parameters ``starts`` (maps of ``position``, ``parent``, ``after_rank``
    and ``after_key``), ``limit`` and ``params``, and returns its rows in order, each with its
    ``position``.
    """
    found: list[list[Row]] = [[] for _ in starts]
    for row in await reader.read(wanted, starts=parameters(starts), limit=limit, **params):
        found[row["position"]].append(row)
    return found


async def nodes(reader: Reader, wanted: Statement, keys: Sequence[str]) -> dict[str, Row]:
    """Return the nodes with these keys, by one statement with columns ``key`` and ``node``."""
    rows = await reader.read(wanted, keys=list(keys))
    return {row["key"]: row["node"] for row in rows}


async def totals(
    reader: Reader, wanted: Statement, keys: Sequence[str], **params: Any
) -> dict[str, int]:
    """Return a number for each key, by one statement with columns ``key`` and ``total``."""
    rows = await reader.read(wanted, keys=list(keys), **params)
    return {row["key"]: row["total"] for row in rows}


def named(columns: Sequence[str] | None, values: list[Any] | None) -> Row | None:
    """Return what was read of a node or a tie, by name; without columns it is one map."""
    if values is None:
        return None
    return values[0] if columns is None else dict(zip(columns, values, strict=True))


def parameters(starts: Iterable[Start]) -> list[Row]:
    """Return starts as statements want them (``pages``)."""
    return [
        {
            "position": position,
            "parent": start.parent,
            "after_rank": start.after.rank,
            "after_key": start.after.key,
        }
        for position, start in enumerate(starts)
    ]
