"""Who is in an audience: of those who want to be counted, who like something and were near last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from cypher import statement
from graph.errors import BadInput
from graph.location.circle import Circle
from graph.location.location import Location, last_locations
from graph.preference.taxonomy import interests
from graph.reader import Reader

MOST_RADIUS_M = 50_000
MOST_AGE_S = 366 * 86_400
_LIKING = statement("audience/liking")
_AT_ONCE = 10_000


@dataclass(frozen=True)
class Wanted:
    """Whom a partner would reach.

    Attributes
    ----------
    interest : str
        Key of what they like.
    near : Circle
        It has the centre of the place where they were seen last.
    max_age_s : int, optional
        So long ago at most they were seen there; any time where absent.

    Raises
    ------
    BadInput
        There is no such interest, or no such circle, or no such age.
    """

    interest: str
    near: Circle
    max_age_s: int | None = None

    def __post_init__(self) -> None:
        if self.interest not in {one.interest_id for one in interests()}:
            raise BadInput("there is no such interest: docs/preferences.md has them")
        if not (-90 <= self.near.lat_deg <= 90 and -180 <= self.near.lon_deg <= 180):
            raise BadInput("latDeg must be from -90 to 90, and lonDeg from -180 to 180")
        if not 1 <= self.near.radius_m <= MOST_RADIUS_M:
            raise BadInput(f"radiusM must be from 1 to {MOST_RADIUS_M}")
        if self.max_age_s is not None and not 1 <= self.max_age_s <= MOST_AGE_S:
            raise BadInput(f"maxAgeS must be from 1 to {MOST_AGE_S}")

    def holds(self, last: Location, now: datetime) -> bool:
        """Tell whether somebody who was there last is near."""
        is_recent = self.max_age_s is None or now - last.at <= timedelta(seconds=self.max_age_s)
        return is_recent and self.near.has_centre_of(last.area)


async def members(reader: Reader, wanted: Wanted, among: Iterable[str], now: datetime) -> set[str]:
    """Return who of some people is meant; of nobody else anything is read."""
    found: set[str] = set()
    rest = iter(among)
    while some := list(islice(rest, _AT_ONCE)):
        rows = await reader.read(_LIKING, keys=some, interest=wanted.interest)
        last = await last_locations(reader, [row["key"] for row in rows])
        found |= {key for key, location in last.items() if wanted.holds(location, now)}
    return found
