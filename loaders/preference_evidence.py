"""What tells of interests: the use of apps and sites, days at places, and nights elsewhere."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import radians
from typing import Any

import h3.api.basic_int as h3
import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from cypher import statement
from graph.database.session import Database
from graph.preference.taxonomy import Source, site_of, times, told_by
from loaders.coverage.versions import spans
from loaders.engine import keep
from loaders.store import RecordStore
from loaders.transforms import place, tie
from loaders.transforms.preference import days_there, elsewhere, nights_out

AREA_RESOLUTION = 8  # a cell's anchor may be some hundred metres from where somebody was
PLACES_APART_KM = 0.5  # from home and work: what is at the door is no sign
_APPS = statement("preference/apps")
_USES = statement("preference/uses")
_PEOPLE_AT_ONCE = 50_000
_CENTRES = pa.schema([("h3", pa.int64()), ("lat_rad", pa.float64()), ("lon_rad", pa.float64())])
_MIX = pa.schema(
    [
        ("h3", pa.int64()),
        ("area", pa.int64()),
        ("interest_id", pa.string()),
        ("share", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Sign:
    """What one source says of somebody and an interest.

    Attributes
    ----------
    times : int
        Sessions, days or nights.
    told : float
        How many of them tell of this interest and of no other.
    """

    subscriber_id: str
    interest_id: str
    source: Source
    times: int
    told: float
    first_at: datetime
    last_at: datetime


async def of_use(database: Database) -> tuple[int, list[Sign]]:
    """Return how many people there are, and what their apps and sites tell."""
    told = _apps_that_tell([row async for row in database.stream(_APPS)])
    people, signs, after = 0, list[Sign](), ""
    while True:
        seen: set[str] = set()
        async for row in database.stream(_USES, after=after, limit=_PEOPLE_AT_ONCE, told=told):
            seen.add(row["subscriber_id"])
            if row["told"]:
                signs.append(_use(row))
        if not seen:
            return people, signs
        people += len(seen)
        after = max(seen)


def _apps_that_tell(apps: list[dict[str, Any]]) -> dict[str, str]:
    """Return, of each app that tells of an interest, the source and the interest in one word."""
    found = {}
    for app in apps:
        site = site_of(app["app_id"])
        by_site = told_by("sites")[site] if site else None
        if interest := told_by("apps").get((app["category"] or "").lower(), by_site):
            found[app["app_id"]] = f"{'sites' if site else 'apps'} {interest}"
    return found


def _use(row: dict[str, Any]) -> Sign:
    source, interest = row["told"].split()
    times, who = row["sessions"], row["subscriber_id"]
    return Sign(who, interest, source, times, float(times), row["first_at"], row["last_at"])


def of_places(engine: BaseBackend, store: RecordStore, local_zone: str) -> list[Sign]:
    """Return what places and times tell, by the record store."""
    seen = keep(engine, "presences_of_all", _presences(engine, store))
    (span,) = seen.agg(first=seen["at"].min(), last=seen["at"].max()).to_pyarrow().to_pylist()
    if span["first"] is None:
        return []
    clock = place.local_clock(local_zone, span["first"], span["last"])
    homes = keep(engine, "homes_of_all", place.homes(seen, clock))
    works = keep(engine, "works_of_all", place.works(seen, homes, clock))
    usual = keep(engine, "usual_places", _both(homes, works))
    named: list[int] = seen.select("h3").distinct().to_pyarrow()["h3"].to_pylist()
    centres = ibis.memtable(pa.Table.from_pylist([_centre(one) for one in named], schema=_CENTRES))
    mix = ibis.memtable(pa.Table.from_pylist(list(_mix(engine, store, named)), schema=_MIX))
    near = elsewhere(seen, usual, centres, PLACES_APART_KM)
    signs = list(_signs(days_there(near, mix, clock), "places"))
    for name, interest in told_by("times").items():
        hours = times()[name]
        away = elsewhere(seen, usual, centres, hours.apart_km)
        nights = nights_out(away, homes, hours, clock)
        signs += _signs(nights.mutate(interest_id=ibis.literal(interest)), "times")
    return signs


def _both(homes: Table, works: Table) -> Table:
    return ibis.union(*(table.select("subscriber_id", "h3") for table in (homes, works)))


def _centre(place_number: int) -> dict[str, float]:
    lat, lon = map(radians, h3.cell_to_latlng(place_number))
    return {"h3": place_number, "lat_rad": lat, "lon_rad": lon}


def _presences(engine: BaseBackend, store: RecordStore) -> Table:
    events = tie.interactions(store.table(engine, "calls"), store.table(engine, "messages"))
    sessions, locations = store.table(engine, "sessions"), store.table(engine, "locations")
    versions = place.cells(store.table(engine, "cells")).to_pyarrow()
    seen = place.sightings(events, sessions, locations)
    return place.presences(seen, ibis.memtable(spans(versions)))


def _mix(
    engine: BaseBackend, store: RecordStore, named: Sequence[int]
) -> Iterator[Mapping[str, Any]]:
    """Yield, of places, which share of the venues near that tell anything tells of what."""
    venues = store.table(engine, "venues")
    latest = venues.group_by("venue_id").agg(h3=venues.h3.max(), category=venues.category.max())
    told: dict[int, Counter[str]] = defaultdict(Counter)
    for row in latest.to_pyarrow().to_pylist():
        if interest := told_by("places").get(row["category"].lower()):
            told[h3.cell_to_parent(row["h3"], AREA_RESOLUTION)][interest] += 1
    for one in named:
        area = h3.cell_to_parent(one, AREA_RESOLUTION)
        counts = told.get(area, Counter[str]())
        for interest, count in counts.items():
            share = count / counts.total()
            yield {"h3": one, "area": area, "interest_id": interest, "share": share}


def _signs(found: Table, source: Source) -> Iterator[Sign]:
    for row in found.to_pyarrow().to_pylist():
        yield Sign(source=source, **({"told": float(row["times"])} | row))
