"""Circles against shapely's polygons, and places against H3's own geometry."""

import math

import h3
import numpy as np
import pytest
import shapely

from graph.location.circle import Circle, common_m2
from tests.village import REGION, SCHOOL


@pytest.mark.parametrize(
    ("radius_m", "other_m", "distance_m"),
    [(1, 1, 1), (1, 1, 0.1), (1, 1, 1.9), (200, 500, 500), (200, 500, 301), (200, 500, 699)],
)
def test_common_area_is_that_of_polygons(
    radius_m: float, other_m: float, distance_m: float
) -> None:
    """Polygons of 4 * 4096 corners are short of the circle's area by less than 10^-6 of it."""
    one = shapely.Point(0, 0).buffer(radius_m, quad_segs=4096)
    other = shapely.Point(distance_m, 0).buffer(other_m, quad_segs=4096)
    expected = one.intersection(other).area
    found_m2 = common_m2(radius_m, other_m, distance_m)
    assert found_m2 == pytest.approx(expected, abs=1e-6 * math.pi * radius_m**2)


def test_common_area_of_equal_circles_through_each_others_centre() -> None:
    """Vesica piscis: (2 pi / 3 - sqrt(3) / 2) r^2 (Weisstein, "Vesica Piscis", MathWorld)."""
    expected = 2 * math.pi / 3 - math.sqrt(3) / 2
    assert common_m2(1, 1, 1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("distance_m", "share"), [(0, 1), (300, 1), (700, 0), (10_000, 0)])
def test_within_and_apart(distance_m: float, share: float) -> None:
    assert common_m2(200, 500, distance_m) == share * math.pi * 200**2
    assert common_m2(500, 200, distance_m) == share * math.pi * 200**2


def test_common_area_is_steady() -> None:
    """It falls from all to nothing without a leap, however near the circles come to touching."""
    areas = [common_m2(200, 500, d) for d in np.linspace(299.9, 700.1, 4001)]
    steps = np.diff(areas)
    assert (steps <= 1e-6).all()
    assert abs(steps).max() < 0.02 * math.pi * 200**2


@pytest.mark.parametrize("place", [SCHOOL, REGION])
def test_a_circle_holds_its_place_and_is_the_least(place: str) -> None:
    circle = Circle.around(place)
    centre = (circle.lat_deg, circle.lon_deg)
    assert centre == h3.cell_to_latlng(place)
    reach_m = [h3.great_circle_distance(centre, c, unit="m") for c in h3.cell_to_boundary(place)]
    assert circle.radius_m - 1 < max(reach_m) <= circle.radius_m
