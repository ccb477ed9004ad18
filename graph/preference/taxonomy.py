"""The interests that there are, and what tells of each: ``taxonomy.yaml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

_FILE = Path(__file__).parent / "taxonomy.yaml"

Source = Literal["apps", "sites", "places", "times"]
SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True)
class Interest:
    """Something that people like.

    Attributes
    ----------
    part_of : str, optional
        The wider interest that it is part of.
    told_by : Mapping
        What tells of it: categories of apps, domains of sites, categories of venues, names of
        times.
    """

    interest_id: str
    name: str
    part_of: str | None
    told_by: Mapping[Source, Sequence[str]]


@dataclass(frozen=True)
class Hours:
    """Local hours on some days of the week, when somebody is elsewhere than usually.

    Attributes
    ----------
    weekdays : tuple of int
        On which they begin; 1 is Monday.
    begins, hours : int
        The hour from which on, 0 to 23, and how long, also past midnight.
    apart_km : float
        How far elsewhere is at least.
    """

    weekdays: tuple[int, ...]
    begins: int
    hours: int
    apart_km: float


@cache
def interests() -> Sequence[Interest]:
    """Return all interests, wider ones before their parts."""
    found = [
        Interest(
            key,
            one["name"],
            one.get("part_of"),
            {source: tuple(one[source]) for source in SOURCES if source in one},
        )
        for key, one in _told()["interests"].items()
    ]
    return tuple(sorted(found, key=lambda interest: interest.part_of is not None))


@cache
def told_by(source: Source) -> Mapping[str, str]:
    """Return of which interest what a source says tells.

    Examples
    --------
    >>> told_by("apps")["food"], told_by("apps").get("messaging"), told_by("places")["cinema"]
    ('catering', None, 'video')
    """
    return {word: one.interest_id for one in interests() for word in one.told_by.get(source, ())}


def site_of(app_id: str) -> str | None:
    """Return the domain of the taxonomy that an app's key, with its namespace, is at or under.

    Examples
    --------
    >>> site_of("lab:www.imdb.com"), site_of("lab:notimdb.com"), site_of("lab:com.imdb.mobile")
    ('imdb.com', None, None)
    """
    labels = app_id.rpartition(":")[2].lower().split(".")
    domains = (".".join(labels[first:]) for first in range(len(labels) - 1))
    return next((domain for domain in domains if domain in told_by("sites")), None)


@cache
def times() -> Mapping[str, Hours]:
    """Return the times that tell of interests, by name."""
    return {
        name: Hours(**(one | {"weekdays": tuple(one["weekdays"])}))
        for name, one in _told()["times"].items()
    }


@cache
def weights() -> Mapping[Source, float]:
    """Return how many sessions one of each source weighs."""
    found: Mapping[Source, float] = _told()["weights"]
    return found


@cache
def _told() -> Any:
    return yaml.safe_load(_FILE.read_text())
