"""Where subscribers were last, and where anybody can be located at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import h3

from cypher import statement
from graph.location.circle import Circle
from graph.reader import Reader

LEAST_RADIUS_M = 500.0  # of an area; smaller ones would ask where in its cell somebody is
_LAST = statement("location/last")
_COARSEST = statement("location/coarsest")


@dataclass(frozen=True)
class Location:
    """Where the network saw somebody last.

    Attributes
    ----------
    h3 : str
        The place of the raster.
    area : Circle
        It holds the place.
    at : datetime
        Until when they were seen there, in UTC.
    """

    h3: str
    area: Circle
    at: datetime


async def last_locations(reader: Reader, keys: Sequence[str]) -> dict[str, Location]:
    """Return where each subscriber was last; who was never seen at any place is left out."""
    return {
        row["key"]: Location(row["h3"], Circle.around(row["h3"]), row["last_at"])
        for row in await reader.read(_LAST, keys=list(keys))
    }


async def is_covered(reader: Reader, area: Circle) -> bool:
    """Tell whether the network is anywhere in an area."""
    coarsest = await reader.read(_COARSEST)
    return any(area.touches(Circle.around(row["h3"])) for row in coarsest)


async def coarsest_places(reader: Reader) -> dict[int, set[str]]:
    """Return the coarsest places of the raster, by resolution: wherever the network is."""
    found: dict[int, set[str]] = {}
    for row in await reader.read(_COARSEST):
        found.setdefault(h3.get_resolution(row["h3"]), set()).add(row["h3"])
    return found
