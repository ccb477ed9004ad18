"""The parts of sectors and circles that lie in the places of the raster."""

import math

import h3
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders.coverage.shapes import circle, sector
from loaders.coverage.shares import shares
from loaders.coverage.sphere import Maps

EARTH_RADIUS_M = 6_371_007.180918475
PLACES = {
    "Tartu": (58.38, 26.72),
    "Fiji, across the antimeridian": (-16.8, 179.9995),
    "Chukotka, across the antimeridian": (66.0, -179.9999),
    "McMurdo": (-77.85, 166.67),
    "the north pole": (90.0, 0.0),
    "beside the south pole": (-89.9995, 45.0),
    "a pentagon": (50.1032, -143.4785),
}
positions = st.tuples(
    st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, -89.999, 89.9999, 90.0])),
    st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, -179.9999, 179.9999, 180.0])),
)


def shares_of(lat_deg: float, lon_deg: float, outline: object) -> dict[str, float]:
    (found,) = shares(Maps.around([lat_deg], [lon_deg]), [np.asarray(outline)])
    return {h3.int_to_str(place): share for place, share in found.items()}


def centre_of(place: str) -> tuple[float, float]:
    lat_deg, lon_deg = h3.cell_to_latlng(place)
    return lat_deg, lon_deg


def ahead(lat_deg: float, lon_deg: float, azimuth_deg: float, away_m: float) -> tuple[float, float]:
    """Return where one comes to, on the great circle that sets out in a direction."""
    lat, lon, turn = (math.radians(angle) for angle in (lat_deg, lon_deg, azimuth_deg))
    up = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    north = (-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat))
    east = (-math.sin(lon), math.cos(lon), 0.0)
    arc = away_m / EARTH_RADIUS_M
    x, y, z = (
        math.cos(arc) * u + math.sin(arc) * (math.cos(turn) * n + math.sin(turn) * e)
        for u, n, e in zip(up, north, east, strict=True)
    )
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


@settings(max_examples=300)
@given(positions, st.floats(0, 360), st.floats(1, 360), st.floats(1, 200_000))
@example((0.0, 0.0), 0.0, 1.0, 65_862.0)  # so thin that its rim meets most of its hexagons
def test_the_shares_of_any_sector_anywhere_sum_to_one(
    position: tuple[float, float], azimuth_deg: float, beam_deg: float, range_m: float
) -> None:
    found = shares_of(*position, sector(azimuth_deg, beam_deg, range_m))
    assert abs(math.fsum(found.values()) - 1) < 1e-12
    assert min(found.values()) > 0
    (resolution,) = {h3.get_resolution(place) for place in found}
    assert 5 <= resolution <= 9
    assert len(found) <= most_hexagons(resolution, math.radians(beam_deg), range_m / 1000)


def most_hexagons(resolution: int, beam: float, range_km: float) -> float:
    """Return a bound: all lie within their diameter of the sector, so their area is bounded too.

    Ground of area A and perimeter P, widened by d, has at most A + P d + pi d^2 (Steiner). H3's
    smallest hexagons have 0.6 of the average area; edges of up to 1.3 of the average are allowed.
    """
    widened_km: float = 2 * 1.3 * h3.average_hexagon_edge_length(resolution, "km")
    area_km2, rim_km = beam * range_km**2 / 2, (beam + 2) * range_km
    most_km2 = area_km2 + rim_km * widened_km + math.pi * widened_km**2
    least_km2: float = 0.6 * h3.average_hexagon_area(resolution, "km^2")
    return most_km2 / least_km2


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("azimuth_deg", "beam_deg", "range_m"), [(0, 360, 1_200), (250, 65, 900), (90, 120, 9_000)]
)
def test_shares_are_where_points_of_the_sector_fall(
    name: str, azimuth_deg: float, beam_deg: float, range_m: float
) -> None:
    """60,000 points spread evenly by the formula of the sphere, each asked of H3 itself."""
    lat_deg, lon_deg = PLACES[name]
    found = shares_of(lat_deg, lon_deg, sector(azimuth_deg, beam_deg, range_m))
    resolution = h3.get_resolution(next(iter(found)))
    rng, points = np.random.default_rng(4), 60_000
    turns = azimuth_deg + beam_deg * (rng.random(points) - 0.5)
    away_m = range_m * np.sqrt(rng.random(points))
    counted: dict[str, int] = {}
    for turn, away in zip(turns.tolist(), away_m.tolist(), strict=True):
        place = h3.latlng_to_cell(*ahead(lat_deg, lon_deg, turn, away), resolution)
        counted[place] = counted.get(place, 0) + 1
    sampled = {place: count / points for place, count in counted.items()}
    off = {p: abs(found.get(p, 0) - sampled.get(p, 0)) for p in found.keys() | sampled.keys()}
    # Five standard deviations of the greatest share's sample, and the rim of 0.1 % of the range.
    assert max(off.values()) < 5 * math.sqrt(0.25 / points)


@pytest.mark.parametrize("range_m", [50, 1_000, 35_000])
def test_a_circle_has_the_area_of_the_cap_of_the_sphere(range_m: float) -> None:
    """2 pi R^2 (1 - cos(r / R)), which at 35 km is pi r^2 less 2.5 millionths."""
    area_m2 = shapely.Polygon(circle(range_m)).area
    half_arc = range_m / EARTH_RADIUS_M / 2
    assert area_m2 == pytest.approx(4 * math.pi * (EARTH_RADIUS_M * math.sin(half_arc)) ** 2)
    assert area_m2 == pytest.approx(math.pi * range_m**2, rel=3e-6)


@pytest.mark.parametrize("name", PLACES)
def test_three_sectors_make_a_circle(name: str) -> None:
    """Each has a third of the area and corners of the circle: a share is the mean of three."""
    whole = shares_of(*PLACES[name], circle(1_000))
    thirds = [shares_of(*PLACES[name], sector(turn, 120, 1_000)) for turn in (60, 180, 300)]
    for place, share in whole.items():
        assert sum(third.get(place, 0) for third in thirds) / 3 == pytest.approx(share, abs=1e-9)


def test_a_cell_within_a_hexagon_is_one_place() -> None:
    """A hexagon of resolution 9 is some 300 m wide; its centre is 130 m from any side."""
    place = "891136a7187ffff"
    assert shares_of(*centre_of(place), circle(100)) == {place: 1.0}


def test_grounds_of_all_sizes_are_told_together_and_in_order() -> None:
    """Each small one is within one hexagon; each second is of the kind that takes further rings."""
    within = h3.grid_disk("891136a7187ffff", 6)
    lat_deg, lon_deg = zip(*(centre_of(place) for place in within for _ in "ab"), strict=True)
    outlines = [circle(100), sector(0, 1, 65_862)] * len(within)
    found = list(shares(Maps.around(lat_deg, lon_deg), outlines))
    assert found[::2] == [{h3.str_to_int(place): 1.0} for place in within]
    assert [math.fsum(thin.values()) for thin in found[1::2]] == pytest.approx([1] * len(within))


def test_a_circle_on_the_centre_of_a_hexagon_favours_no_side() -> None:
    place = "891136a7187ffff"
    found = shares_of(*centre_of(place), circle(250))
    ring = [share for name, share in found.items() if name != place]
    assert len(ring) == 6
    assert max(ring) / min(ring) < 1.6  # hexagons of H3 are not quite regular
    assert found[place] > max(ring)
