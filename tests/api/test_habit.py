"""Habits from the records to the answer, against loops over the same records by Python's clocks."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import h3
import pytest

from graph.consent.pairwise import pairwise
from graph.consent.terms import Terms
from loaders.behaviour import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service, fresh_service
from tests.loaders.records_of import staged_of
from tests.village import JONAS, KEY, KOFI, LENA

pytestmark = pytest.mark.database

ZONE = ZoneInfo("Europe/Copenhagen")
BEGIN = datetime(2026, 3, 23, tzinfo=UTC)  # a Monday; on Sunday, the clocks are set
PARTS = ("NIGHT", "MORNING", "AFTERNOON", "EVENING")
CELLS = {"lab:1": (55.68, 12.57), "lab:2": (55.70, 12.60), "lab:3": (55.7001, 12.6001)}
QUERY = """query ($key: ID!) { subscriber(key: $key) { habits {
  timeZone calls messages sessions days weekendShare
  hours { weekday hour calls messages sessions days }
  parts { part share events days places { h3 share events days } }
} } }"""

CONSENTED = """query ($key: ID!) { consentedSubscriber(key: $key) {
  habits { times { weekday hour share } } } }"""


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    made = fresh_service(village, tmp_path)
    settings = made.settings.model_copy(update={"local_time_zone": ZONE.key})
    return Service(settings, made.database, made.ledger, made.runner)


def random_records(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Return a fortnight of Jonas's calls, messages and data sessions, and some of others."""
    found: dict[str, list[dict[str, Any]]] = {"calls": [], "messages": [], "sessions": []}
    for number in range(150):
        at = BEGIN + timedelta(seconds=chance.randrange(14 * 86_400), microseconds=number)
        cell = chance.choice([*CELLS, "lab:nowhere", None])
        kind = chance.choice(list(found))
        row: dict[str, Any] = {"session_id": f"{number}", "subscriber_id": JONAS, "cell_id": cell}
        if kind == "calls":
            row = {"caller_id": JONAS, "callee_id": KOFI, "caller_cell_id": cell}
            row |= {"duration_s": 60, "is_answered": True}
        elif kind == "messages":
            row = {"sender_id": LENA, "recipient_id": JONAS, "recipient_cell_id": cell}
        row["sent_at" if kind == "messages" else "started_at"] = at
        found[kind].append({name: value for name, value in row.items() if value is not None})
    other = {"session_id": "other", "subscriber_id": KOFI, "started_at": BEGIN}
    found["sessions"].append(other)
    cells = [{"cell_id": key, "lat_deg": lat, "lon_deg": lon} for key, (lat, lon) in CELLS.items()]
    return {**found, "cells": cells}


def naive(records: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    kinds = ("calls", "messages", "sessions")
    events = []
    for kind in kinds:
        for row in records[kind]:
            if JONAS in row.values():
                at = (row.get("started_at") or row["sent_at"]).astimezone(ZONE)
                cell = next((row[name] for name in row if name.endswith("cell_id")), None)
                spot = CELLS.get(cell or "")
                events.append((kind, at, h3.latlng_to_cell(*spot, 9) if spot else None))
    hours: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for kind, at, _ in events:
        hours[at.isoweekday(), at.hour].append((kind, at.date()))
    return {
        "timeZone": ZONE.key,
        **{kind: sum(one == kind for one, *_ in events) for kind in kinds},
        "days": len({at.date() for _, at, _ in events}),
        "weekendShare": pytest.approx(sum(at.isoweekday() > 5 for _, at, _ in events) / 150),
        "hours": [
            {
                "weekday": weekday,
                "hour": hour,
                **{kind: sum(one == kind for one, _ in there) for kind in kinds},
                "days": len({day for _, day in there}),
            }
            for (weekday, hour), there in sorted(hours.items())
        ],
        "parts": [
            part_of(name, [(at.date(), place) for _, at, place in events if at.hour // 6 == number])
            for number, name in enumerate(PARTS)
        ],
    }


def part_of(name: str, there: list[tuple[Any, str | None]]) -> dict[str, Any]:
    counts = Counter(place for _, place in there if place)
    places: list[dict[str, Any]] = [
        {
            "h3": place,
            "share": pytest.approx(events / counts.total()),
            "events": events,
            "days": len({day for day, one in there if one == place}),
        }
        for place, events in counts.items()
    ]
    places.sort(key=lambda one: (-one["days"], -one["events"], one["h3"]))
    share = pytest.approx(len(there) / 150)
    days = len({day for day, _ in there})
    return {"part": name, "share": share, "events": len(there), "days": days, "places": places}


@pytest.mark.parametrize("seed", range(2))
def test_habits_are_what_the_records_say(service: Service, tmp_path: Path, seed: int) -> None:
    records = random_records(random.Random(seed))  # noqa: S311
    for kind, rows in records.items():
        path = staged_of(tmp_path, kind, *rows, name=f"{kind}.csv", load_id="L")
        RecordStore(service.settings.records_folder).append(kind, [path], "L")
    analyse(service.settings, Silence())
    found = service.data(QUERY, {"key": JONAS})["subscriber"]["habits"]
    assert found == naive(records)
    _partners_see_hours_where_opened(service, found["hours"])
    assert service.data(QUERY, {"key": "asha"})["subscriber"]["habits"] is None


def _partners_see_hours_where_opened(service: Service, hours: list[dict[str, int]]) -> None:
    opened = {"cinema": {"habits.times"}, "shop": {"habits.home"}, "bank": {"habits"}}
    now = datetime.now(UTC)
    for partner, scope in opened.items():
        valid = now - timedelta(1), now + timedelta(1)
        terms = Terms(JONAS, partner, "dpv:Marketing", frozenset(scope), *valid, "a form")
        service.services.consents.give(terms, "self")
    expected = [
        {
            "weekday": one["weekday"],
            "hour": one["hour"],
            "share": pytest.approx((one["calls"] + one["messages"] + one["sessions"]) / 150),
        }
        for one in hours
    ]
    for partner, times in (("cinema", expected), ("bank", expected), ("shop", None)):
        key = pairwise(KEY, partner, 1, JONAS)
        found = service.data(
            CONSENTED, {"key": key}, role="partner", subject=partner, purpose="dpv:Marketing"
        )["consentedSubscriber"]["habits"]
        assert (found and found["times"]) == times


def test_without_an_analysis_the_error_says_so(service: Service) -> None:
    ((code, message),) = service.errors(QUERY, {"key": JONAS})
    assert (code, "tiegraph analyse behaviour" in message) == ("FAILED_PRECONDITION", True)
