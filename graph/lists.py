"""Lists that hang on subscribers, of which a statement tells many that are asked for together.

There are three such statements and not one, because Neo4j plans a statement as a whole: one of all
lists would take it seconds on a busy machine when it meets it first.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from cypher import Statement, statement
from graph.database.session import Row, instant_since_1970
from graph.page import Start, named, parameters
from graph.reader import Reader

TellsOf = Literal["used", "met", "found"]
_STATEMENTS: Mapping[TellsOf, Statement] = {
    "used": statement("subscriber/used"),
    "met": statement("subscriber/met"),
    "found": statement("subscriber/found"),
}


class Asked(NamedTuple):
    """One list of one subscriber.

    Attributes
    ----------
    told_by : str
        The statement.
    name : str
        By which the statement knows the list.
    start : Start
        Whose it is and, where it comes in pages, where the page begins.
    limit : int or None
        The most entries; None: all of a list that is always short.
    told : tuple
        What else the statement is to know, by name, such as of which ``kind`` entries are.
    """

    told_by: TellsOf
    name: str
    start: Start
    limit: int | None = None
    told: tuple[tuple[str, Hashable], ...] = ()


async def lists(reader: Reader, wanted: Sequence[Asked]) -> list[list[Row]]:
    """Return the entries of lists that one statement tells."""
    starts = [
        start | {"list": each.name, "limit": each.limit} | dict(each.told)
        for start, each in zip(parameters(each.start for each in wanted), wanted, strict=True)
    ]
    told_by = _STATEMENTS[wanted[0].told_by]
    longest = {"most": max(each.limit or 0 for each in wanted)} if "most" in told_by.params else {}
    rows = await reader.read(told_by, starts=starts, **longest)
    found: list[list[Row]] = [[] for _ in wanted]
    for position, entries in rows[0]["found"]:
        found[position] = [_entry(entry, dict(wanted[position].told)) for entry in entries]
    return found


def _entry(entry: Row, told: dict[str, Any]) -> Row:
    for name in entry.pop("instants", ()):
        entry[name] = instant_since_1970(entry[name])
    if "node_columns" in told:
        entry["node"] = named(told["node_columns"], entry["node"])
    return entry
