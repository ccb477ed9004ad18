"""Where people are and when they do what."""

from pathlib import Path

import numpy as np
import pytest

from tests.loaders.generate.observed import Array, columns, distance_km, seconds

SAMPLE = Path(__file__).parents[3] / "loaders" / "samples" / "copenhagen"


def _positions(crowd: Path) -> tuple[Array, Array, Array, Array]:
    """Return who was seen when at which latitude and longitude."""
    cells, lat, lon = columns(crowd, "cells", "cell_id", "lat_deg", "lon_deg")
    who, at, cell = columns(crowd, "locations", "subscriber_id", "seen_at", "cell_id")
    known, first = np.unique(cells, return_index=True)
    place = first[np.searchsorted(known, cell)]
    return who, seconds(at), lat[place], lon[place]


def _gyration_km(crowd: Path) -> Array:
    """Return the radius of gyration of those who were seen ten times or more."""
    who, _, lat, lon = _positions(crowd)
    _, number, seen = np.unique(who, return_inverse=True, return_counts=True)
    mid_lat = np.bincount(number, lat) / seen
    mid_lon = np.bincount(number, lon) / seen
    squared = distance_km(lat, lon, mid_lat[number], mid_lon[number]) ** 2
    radius: Array = np.sqrt(np.bincount(number, squared) / seen)
    return radius[seen >= 10]


def test_a_few_people_get_about_far_more_than_most(crowd: Path) -> None:
    """Gonzalez et al., Nature 453, 2008: radii fall as (r + 5.8 km)^-1.65, cut off at 350 km.

    By that law half of the people stay below 11 km and one in a hundred gets beyond 200; were they
    exponential, the 99th percentile would be 6.6 medians. In a small country the cut comes earlier.
    """
    radius = _gyration_km(crowd)
    median, most = np.percentile(radius, [50, 99])
    assert 3 < median < 20
    assert most / median > 10


def test_people_spend_the_night_at_home_and_office_hours_at_work(crowd: Path) -> None:
    """Against the truth: the cell seen most from 0 to 6 h, and on weekdays from 10 to 16 h."""
    people, home, work = columns(
        crowd / "truth", "people", "subscriber_id", "home_cell_id", "work_cell_id"
    )
    who, at, cell = columns(crowd, "locations", "subscriber_id", "seen_at", "cell_id")
    hour, day = seconds(at) // 3600 % 24, (seconds(at) // 86_400 + 3) % 7  # 1970-01-01: Thursday
    row = np.searchsorted(people, who)
    is_night, is_office = hour < 6, (day < 5) & (hour >= 10) & (hour < 16)
    assert (cell == home[row])[is_night].mean() > 0.95
    works = ~np.isnan(work[row])
    assert (cell == work[row])[is_office & works].mean() > 0.8


def test_calls_and_signalling_agree_about_where_people_are(crowd: Path) -> None:
    """Who is seen twice within two hours from an even one, by whatever record, is in one cell."""
    caller, at, cell = columns(crowd, "calls", "caller_id", "started_at", "caller_cell_id")
    who, seen_at, seen_cell = columns(crowd, "locations", "subscriber_id", "seen_at", "cell_id")
    calls = dict(zip(zip(caller, seconds(at) // 7200, strict=True), cell, strict=True))
    pairs = [
        (calls[key], other)
        for key, other in zip(
            zip(who, seconds(seen_at) // 7200, strict=True), seen_cell, strict=True
        )
        if key in calls
    ]
    # Somebody's night ends at 7 and begins at 23, their work at 9 and 17: odd hours.
    same = np.array([one == other for one, other in pairs])
    assert len(same) > 1000
    assert same.mean() > 0.9


def test_a_day_has_the_rhythm_of_real_ones(crowd: Path) -> None:
    """Calls and messages an hour correlate with those of the Copenhagen set's students."""
    for kind, column, sample in (("calls", "started_at", "calls"), ("messages", "sent_at", "sms")):
        (at,) = columns(crowd, kind, column)
        ours = np.bincount(seconds(at) // 3600 % 24, minlength=24)
        (elapsed_s,) = columns(SAMPLE, sample, "timestamp")
        theirs = np.bincount(elapsed_s // 3600 % 24, minlength=24)
        assert np.corrcoef(ours, theirs)[0, 1] > 0.85, kind


def test_colleagues_talk_on_weekdays_and_others_at_weekends(crowd: Path) -> None:
    first, second, kind = columns(crowd / "truth", "ties", "subscriber_id", "other_id", "kind")
    caller, callee, at = columns(crowd, "calls", "caller_id", "callee_id", "started_at")
    kind_of = dict(zip(zip(first, second, strict=True), kind, strict=True))
    pairs = zip(np.minimum(caller, callee), np.maximum(caller, callee), strict=True)
    is_office = np.array([kind_of[pair] == "colleague" for pair in pairs])
    is_weekend = (seconds(at) // 86_400 + 3) % 7 >= 5
    assert is_weekend[is_office].mean() < 0.12  # of 2 days in 7, at a quarter of the traffic
    assert is_weekend[~is_office].mean() == pytest.approx(2 / 7, abs=0.03)


def test_cells_lie_at_their_sites_and_each_point_elsewhere(crowd: Path) -> None:
    site, lat, lon = columns(crowd, "sites", "site_id", "lat_deg", "lon_deg")
    cell, at, cell_lat, cell_lon, azimuth, beam = columns(
        crowd, "cells", "cell_id", "site_id", "lat_deg", "lon_deg", "azimuth_deg", "beam_deg"
    )
    row = np.searchsorted(site, at)
    assert (site[row] == at).all()
    assert (lat[row] == cell_lat).all()
    assert (lon[row] == cell_lon).all()
    _, once = np.unique(cell, return_index=True)
    turns = np.sort(azimuth[once].reshape(-1, 3) % 120, axis=1)
    assert (turns[:, 0] == turns[:, 2]).all()
    assert (beam == 120).all()


def test_a_turned_antenna_is_a_second_version_of_its_cell(crowd: Path) -> None:
    """Where one version ends, the next begins; azimuths differ by 25 degrees."""
    cell, begins, ends, azimuth = columns(
        crowd, "cells", "cell_id", "valid_from", "valid_to", "azimuth_deg"
    )
    names, count = np.unique(cell, return_counts=True)
    assert set(count.tolist()) == {1, 2}
    for name in names[count == 2]:
        before, after = np.flatnonzero(cell == name)
        assert ends[before] == begins[after]
        assert np.isnat(ends[after])
        assert (azimuth[after] - azimuth[before]) % 360 == 25
