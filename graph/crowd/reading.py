"""Groups of subscribers: how many there are, with means, and who is in them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Literal

from cypher import statement
from graph.database.session import Row
from graph.reader import Reader
from graph.subscriber import Filter

Property = Literal["status", "segment", "plan", "gender", "area"]
Group = tuple[str | None, ...]  # a value of each property, in the order of PROPERTIES

PROPERTIES: tuple[Property, ...] = ("status", "segment", "plan", "gender", "area")
_MEMBERS = statement("crowd/members")
_NO_RESOLUTION = -1  # no place is of it
_GROUPS = statement("crowd/groups")
_GROUPS_OF = {  # those whose indexes lead to the fewest first
    "place": statement("crowd/groups_at_place"),
    "app": statement("crowd/groups_of_app"),
    "device": statement("crowd/groups_of_device"),
    "service": statement("crowd/groups_of_service"),
    "namespace": statement("crowd/groups_of_namespace"),
    "status": statement("crowd/groups_of_status"),
}


async def groups(
    reader: Reader, wanted: Filter, by: Collection[Property], resolution: int, limit: int
) -> list[Row]:
    """Return groups with their ``means``, the largest first; where nobody is, there is none.

    Parameters
    ----------
    by
        What people of one group have in common; all are one group without any.
    resolution : int
        Of the areas, 5 to 9: the places of that size in which people live.
    """
    meant = asdict(wanted)
    start = next((name for name in _GROUPS_OF if meant[name] is not None), None)
    return await reader.read(
        _GROUPS_OF[start] if start else _GROUPS,
        by=list(by),
        resolution=resolution if "area" in by else _NO_RESOLUTION,
        limit=limit,
        who=meant,
    )


async def members(
    reader: Reader,
    wanted: Filter,
    by: Collection[Property],
    resolution: int,
    among: Sequence[str],
) -> dict[Group, set[str]]:
    """Return who of some subscribers is in which group."""
    rows = await reader.read(
        _MEMBERS,
        keys=list(among),
        by=list(by),
        resolution=resolution if "area" in by else _NO_RESOLUTION,
        who=asdict(wanted),
    )
    found: dict[Group, set[str]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in PROPERTIES), set()).add(row["key"])
    return found
