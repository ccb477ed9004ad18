"""How many people a square kilometre of an area has in an hour, as far as it may be told.

What is estimated for hours of which there are no records yet is what was counted in the last hour
of the same time and day of the week: the seasonal naive forecast. The people of both are the same,
so that the one tells nothing that the other does not.

References
----------
.. [1] Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import h3

from graph.crowd.record import CrowdRecord
from graph.density.geohash import places_of
from graph.density.stored import read_manifest, read_presences
from graph.raster import FINEST_RESOLUTION

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
_SURE = 1.96  # standard deviations on both sides of the mean, which 19 of 20 values lie within

Cell = tuple[datetime, str]  # an hour and a geohash


@dataclass(frozen=True)
class Density:
    """People a square kilometre: the estimate, and what it may well be."""

    per_km2: int
    least: int
    most: int


def hours_between(start: datetime, end: datetime, most: int) -> list[datetime]:
    """Return the beginnings of the hours that a time has something of, at most so many.

    Examples
    --------
    >>> from datetime import UTC
    >>> begin = datetime(2024, 1, 3, 11, 25, tzinfo=UTC)
    >>> [hour.hour for hour in hours_between(begin, begin + timedelta(minutes=80), 9)]
    [11, 12]
    """
    first = start.replace(minute=0, second=0, microsecond=0)
    number = max(1, math.ceil((end - first) / HOUR))
    return [first + HOUR * index for index in range(min(number, most))]


def hour_told_by(hour: datetime, last: datetime) -> datetime:
    """Return the hour whose people stand for those of an hour.

    Parameters
    ----------
    last : datetime
        The last one of which there are records.

    Examples
    --------
    >>> monday = datetime(2024, 1, 1, 12)
    >>> hour_told_by(monday + WEEK - HOUR, monday)
    datetime.datetime(2024, 1, 1, 11, 0)
    >>> hour_told_by(monday + WEEK + HOUR, monday)
    datetime.datetime(2023, 12, 25, 13, 0)
    """
    weeks = math.ceil((hour - last) / WEEK)
    return hour - WEEK * max(0, weeks)


@dataclass(frozen=True)
class Densities:
    """Densities for one asker.

    Attributes
    ----------
    folder : Path
        What is stored (``graph.density.stored``).
    asker : str
        A partner, who must not be told too much in all.
    among : Collection of str
        Who agreed to be counted.
    """

    folder: Path
    record: CrowdRecord
    asker: str
    among: Collection[str]

    def told(self, hours: Sequence[datetime], geohashes: Sequence[str]) -> Mapping[Cell, Density]:
        """Return the densities that may be told, by hour and cell; those that may not are absent.

        Raises
        ------
        LedgerError
            It cannot be written down what is told.
        """
        manifest = read_manifest(self.folder)
        if manifest is None or manifest.last_hour is None:
            return {}
        last = manifest.last_hour
        told_by = {hour: hour_told_by(hour, last) for hour in hours}
        places = {geohash: places_of(geohash, FINEST_RESOLUTION) for geohash in geohashes}
        members = self._members(set(told_by.values()), places)
        counts = self.record.counted(self.asker, members)
        areas = {geohash: _area_km2(its) for geohash, its in places.items()}
        return {
            (hour, geohash): _density(count, areas[geohash], is_known=hour == told_by[hour])
            for hour in hours
            for geohash in geohashes
            if (count := counts.get((told_by[hour], geohash))) is not None
        }

    def _members(
        self, hours: Collection[datetime], places: Mapping[str, Sequence[int]]
    ) -> dict[Cell, set[str]]:
        every = {place for its in places.values() for place in its}
        found = read_presences(self.folder, hours, every)
        agreed = set(self.among)
        there = {where: who & agreed for where, who in found.items()}
        return dict(_united(there, hours, places))


def _united(
    there: Mapping[tuple[datetime, int], set[str]],
    hours: Collection[datetime],
    places: Mapping[str, Sequence[int]],
) -> Iterator[tuple[Cell, set[str]]]:
    for hour in hours:
        for geohash, its in places.items():
            if who := set[str]().union(*(there.get((hour, place), ()) for place in its)):
                yield (hour, geohash), who


def _area_km2(places: Sequence[int]) -> float:
    return math.fsum(h3.cell_area(h3.int_to_str(place), "km^2") for place in places)


def _density(people: int, area_km2: float, *, is_known: bool) -> Density:
    """Return what a count is for an area.

    A count of the past is what it is; that of a like hour is one draw of a Poisson distribution.
    """
    off = 0.0 if is_known else _SURE * math.sqrt(people)
    return Density(
        round(people / area_km2),
        math.floor(max(0.0, people - off) / area_km2),
        math.ceil((people + off) / area_km2),
    )
