"""Densities that are told are those of a naive count, and do not tell of few."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.crowd.record import CrowdRecord
from graph.density.estimate import HOUR, WEEK, Densities, hour_told_by
from graph.density.geohash import Grid, places_of
from graph.density.stored import MANIFEST, PRESENCES, Manifest
from tests.graph.crowd.attacker import Group, solved

LAST = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOURS = [LAST - HOUR * back for back in range(4)]
PEOPLE = 250


def test_a_like_hour_is_the_last_of_the_same_time_of_the_week() -> None:
    for ahead in range(1, 400):
        hour = LAST + HOUR * ahead
        told_by = hour_told_by(hour, LAST)
        assert LAST - WEEK < told_by <= LAST
        assert (told_by.weekday(), told_by.hour) == (hour.weekday(), hour.hour)
    assert hour_told_by(LAST, LAST) == LAST


def test_no_sequence_of_areas_times_and_precisions_tells_of_few(tmp_path: Path) -> None:
    """An attacker who solves the linear system of all answers learns of no group under 16."""
    random = np.random.default_rng(7)
    centre = h3.latlng_to_cell(55.78, 12.52, 9)
    places = h3.grid_disk(centre, 2)
    at = {hour: random.choice(places[:6], PEOPLE) for hour in HOURS[:1]}
    for later, hour in pairwise(HOURS):
        stays = random.random(PEOPLE) < 0.9
        at[hour] = np.where(stays, at[later], random.choice(places, PEOPLE))
    _store(tmp_path, at)
    grids = [
        sorted({Grid(size).at(*h3.cell_to_latlng(one)) for one in places}) for size in (5, 6, 7)
    ]
    record, answered = CrowdRecord(tmp_path / "crowd.sqlite"), list[Group]()
    for _ in range(60):
        cells = grids[random.integers(3)]
        some = [str(one) for one in random.choice(cells, min(len(cells), 4), replace=False)]
        hours = [HOURS[random.integers(4)] + WEEK * int(random.integers(2))]
        among = {f"p{number}" for number in range(PEOPLE)}
        told = Densities(tmp_path, record, "shop", among).told(hours, some)
        for (hour, geohash), density in told.items():
            known = hour if hour <= LAST else hour - WEEK
            members = _members(at[known], geohash)
            area = math.fsum(h3.cell_area(h3.int_to_str(p)) for p in places_of(geohash, 9))
            assert density.per_km2 == round(len(members) / area)
            assert density.least <= len(members) / area <= density.most
            answered.append(members)
    assert len(answered) > 20
    assert solved(answered, PEOPLE, least=16) == []


def _members(at: "np.ndarray[tuple[int], np.dtype[np.str_]]", geohash: str) -> Group:
    there = {h3.int_to_str(place) for place in places_of(geohash, 9)}
    return frozenset(number for number, place in enumerate(at) if place in there)


def _store(folder: Path, at: "dict[datetime, np.ndarray[tuple[int], np.dtype[np.str_]]]") -> None:
    rows = [
        {"hour": hour, "h3": h3.str_to_int(str(place)), "subscriber_id": f"p{number}"}
        for hour, there in at.items()
        for number, place in enumerate(there)
    ]
    (folder / "b").mkdir()
    pq.write_table(pa.Table.from_pylist(rows, PRESENCES), folder / "b" / "part-0.parquet")
    manifest = Manifest(build="b", as_of=LAST + timedelta(days=1), last_hour=LAST)
    (folder / MANIFEST).write_text(manifest.model_dump_json())
