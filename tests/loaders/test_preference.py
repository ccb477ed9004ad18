"""What places and times tell of interests, counted by hand on a fortnight of January 2026."""

from datetime import UTC, datetime
from typing import Any

import h3
import pytest
from scipy.stats import beta

from loaders.engine import connect
from loaders.preference import preferences
from loaders.preference_evidence import Sign, of_places
from loaders.store import RecordStore
from tests.loaders.records_of import at, staged_of

CELLS = {
    "lab:home": (55.70, 12.50),
    "lab:work": (55.68, 12.44),
    "lab:town": (55.69, 12.53),
    "lab:far": (56.50, 13.50),
}
VENUES = [
    ("town", "cinema"),
    ("town", "Restaurant"),
    ("town", "restaurant"),
    ("town", "bench"),
    ("home", "pub"),
    ("far", "hotel"),
]
# In UTC, an hour before Danish time; 5 and 12 January are Mondays.
SEEN = [
    *(("a", "home", at(20, day=day)) for day in range(5, 10)),
    *(("a", "work", at(10, day=day)) for day in range(5, 10)),
    ("a", "town", at(15, day=6)),
    ("a", "town", at(16, day=6)),  # the same day
    ("a", "town", at(21, 30, day=9)),  # Friday, 22:30
    ("a", "town", at(23, 30, day=10)),  # Saturday night, and Sunday by the calendar
    ("a", "town", at(22, 30, day=11)),  # Sunday night
    ("a", "far", at(23, 30, day=11)),  # Monday, 0:30, some 100 km from home
    ("b", "town", at(23, day=9)),  # whose home nobody knows
]


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> list[Sign]:
    folder = tmp_path_factory.mktemp("preference")
    positions = {
        key: {"lat_deg": lat, "lon_deg": lon, "cell_id": key} for key, (lat, lon) in CELLS.items()
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "cells": list(positions.values()),
        "venues": [
            {"venue_id": f"lab:{number}", "category": category, **_at(where)}
            for number, (where, category) in enumerate(VENUES)
        ],
        "locations": [
            {"subscriber_id": who * 32, "cell_id": f"lab:{where}", "seen_at": when}
            for who, where, when in SEEN
        ],
    }
    store = RecordStore(folder / "records")
    for kind, of_kind in rows.items():
        store.append(kind, [staged_of(folder, kind, *of_kind)], "L1")
    return of_places(connect(), store, "Europe/Copenhagen")


def _at(where: str) -> dict[str, Any]:
    lat, lon = CELLS[f"lab:{where}"]
    cell = h3.str_to_int(h3.latlng_to_cell(lat, lon, 9))
    return {"lat_deg": lat, "lon_deg": lon, "h3": cell}


def test_days_at_places_and_nights_elsewhere(signs: list[Sign]) -> None:
    """Of town's venues that tell anything, two of three are restaurants.

    ``a`` was in town on the 6th, 9th, 11th (in the first hour and again at night) of the local
    calendar; at home there is a pub, which tells nothing of who lives there.
    """
    found = {(s.subscriber_id[0], s.source, s.interest_id): (s.times, s.told) for s in signs}
    assert found == {
        ("a", "places", "video"): (3, pytest.approx(3 / 3)),
        ("a", "places", "catering"): (3, pytest.approx(3 * 2 / 3)),
        ("a", "places", "travel"): (1, 1.0),
        ("b", "places", "video"): (1, pytest.approx(1 / 3)),
        ("b", "places", "catering"): (1, pytest.approx(2 / 3)),
        ("a", "times", "nightlife"): (2, 2.0),
        ("a", "times", "travel"): (1, 1.0),
    }
    night = next(s for s in signs if s.source == "times" and s.interest_id == "nightlife")
    assert (night.first_at, night.last_at) == (at(21, 30, day=9), at(23, 30, day=10))


def test_sources_add_up_with_decay() -> None:
    """One month old is half; a day or a night is three sessions; the usual is everybody's share."""
    now, then = datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    signs = [
        Sign("a", "catering", "apps", 20, 20.0, then, then),
        Sign("a", "catering", "places", 6, 5.0, now, now),
        Sign("a", "nightlife", "times", 1, 1.0, now, now),
        Sign("b", "catering", "sites", 2, 2.0, now, now),
        Sign("b", "video", "apps", 60, 60.0, now, now),
    ]
    rows = {
        (row["subscriber_id"], row["interest_id"]): row["found"] for row in preferences(signs, now)
    }
    of_a, usual = 20 / 2 + 5 * 3, (25 + 2) / (25 + 3 + 62)
    above, below = of_a + 10 * usual, 3 + 10 * (1 - usual)
    share = above / (above + below)
    assert rows["a", "catering"] == {
        "evidence": pytest.approx(of_a),
        "sessions": 20,
        "last_at": now,
        "sources": ["apps", "places"],
        "source_evidence": [pytest.approx(10.0), pytest.approx(15.0)],
        "source_times": [20, 6],
        "source_last_at": [then, now],
        "score": pytest.approx(share / (share + usual)),
        "confidence": pytest.approx(beta.sf(usual, above, below)),
        "as_of": now,
    }
    assert rows["b", "entertainment"]["sessions"] == 60
