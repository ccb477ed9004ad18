"""Areas that somebody drew: what lies in them is worked out by eye."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.area import MOST_POSITIONS, Area
from graph.errors import BadInput

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [1, 3], [3, 3], [3, 1], [1, 1]]
ISLAND = [[10, 0], [14, 0], [14, 4], [10, 4], [10, 0]]


def polygon(*rings: Any) -> Area:
    return Area.of_geojson({"type": "Polygon", "coordinates": list(rings)})


def holds(area: Area, lat_deg: float, lon_deg: float) -> bool:
    """Return what the exact test says, having seen that the boxes agree."""
    inside = bool(area.holds(np.array([lat_deg]), np.array([lon_deg]))[0])
    boxes = [
        box["south"] <= lat_deg <= box["north"] and box["west"] <= lon_deg <= box["east"]
        for box in area.boxes
    ]
    assert any(boxes) or not inside
    return inside


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "expected"),
    [(0.5, 2, True), (2, 2, False), (5, 2, False), (0, 2, True), (1, 2, True), (4, 4, True)],
    ids=["between outline and hole", "hole", "outside", "border", "border of the hole", "corner"],
)
def test_a_hole_is_outside_and_borders_are_inside(
    lat_deg: float, lon_deg: float, expected: bool
) -> None:
    assert holds(polygon(SQUARE, HOLE), lat_deg, lon_deg) == expected


def test_a_multipolygon_is_all_of_its_polygons() -> None:
    area = Area.of_geojson({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [ISLAND]]})
    found = [holds(area, 2, lon) for lon in (0.5, 2, 7, 12)]
    assert found == [True, False, False, True]
    assert len(area.boxes) == 2


@pytest.mark.parametrize(
    "ring",
    [
        [[179, -18], [-179, -18], [-179, -16], [179, -16], [179, -18]],
        [[179, -18], [181, -18], [181, -16], [179, -16], [179, -18]],
        [[-179, -18], [-179, -16], [-181, -16], [-181, -18], [-179, -18]],
    ],
    ids=["as it is", "beyond 180", "beyond -180, the other way round"],
)
def test_fiji_lies_on_both_sides_of_the_antimeridian(ring: list[list[float]]) -> None:
    longitudes = (178.5, 179.5, 180, -180, -179.5, -178.5, 0)
    found = [holds(polygon(ring), -17, lon) for lon in longitudes]
    assert found == [False, True, True, True, True, False, False]


def test_a_hole_across_the_antimeridian_is_a_hole() -> None:
    outline = [[170, 0], [-170, 0], [-170, 9], [170, 9], [170, 0]]
    hole = [[-179, 3], [-179, 6], [179, 6], [179, 3], [-179, 3]]
    found = [holds(polygon(outline, hole), 4, lon) for lon in (175, 179.5, -179.5, -175)]
    assert found == [True, False, False, True]


@pytest.mark.parametrize("sign", [1, -1], ids=["north", "south"])
def test_a_ring_around_a_pole_holds_it(sign: int) -> None:
    """Eight corners at 70 degrees, 45 degrees of longitude apart."""
    ring = [[lon, 70 * sign] for lon in range(-180, 180, 45)]
    area = polygon([*ring, ring[0]])
    assert holds(area, 90 * sign, 33)
    assert holds(area, 77.85 * sign, 166.67)
    assert holds(area, 80 * sign, -180)
    assert not holds(area, 69 * sign, 20)
    assert not holds(area, -80 * sign, 20)


def test_antarctica_is_drawn_along_the_pole() -> None:
    """As map makers cut it at the antimeridian."""
    coast = [[lon, -65] for lon in range(-180, 181, 60)]
    area = polygon([[-180, -90], *coast, [180, -90], [-180, -90]])
    assert holds(area, -77.85, 166.67)
    assert not holds(area, -60, 166.67)


def test_a_belt_goes_around_the_earth() -> None:
    area = polygon([[-180, -10], [180, -10], [180, 10], [-180, 10], [-180, -10]])
    assert [holds(area, 0, lon) for lon in (-180, -90, 0, 179)] == [True] * 4
    assert not holds(area, 11, 0)


def test_a_box_may_cross_the_antimeridian() -> None:
    area = Area.of_box({"south": -18, "west": 179, "north": -16, "east": -179})
    found = [holds(area, -17, lon) for lon in (178.5, 179.5, -180, -179.5, -178.5, 0)]
    assert found == [False, True, True, True, False, False]


degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(st.lists(degrees, min_size=3, max_size=8), degrees)
def test_whatever_an_area_holds_lies_in_its_boxes(
    corners: list[tuple[float, float]], point: tuple[float, float]
) -> None:
    area = polygon([list(corner) for corner in [*corners, corners[0]]])
    holds(area, point[1], point[0])
    for lon, lat in corners:
        holds(area, lat, lon)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (None, "must be a GeoJSON Polygon or MultiPolygon"),
        ({"type": "Point", "coordinates": [1, 2]}, "must be a GeoJSON Polygon or MultiPolygon"),
        ({"type": "MultiPolygon", "coordinates": []}, "has no polygon"),
        ({"type": "Polygon", "coordinates": []}, "list of rings"),
        ({"type": "Polygon", "coordinates": [7]}, "list of positions"),
        ({"type": "Polygon", "coordinates": [[7, 7, 7, 7]]}, "a longitude and a latitude"),
        ({"type": "Polygon", "coordinates": [["ab"] * 4]}, "a longitude and a latitude"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1], [1, 1], [0, 0]]]}, "a longitude and"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "end where it begins"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "four positions"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 91], [1, 0], [0, 0]]]}, "up to 90"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 1], [1, 0], [0, 0]]]},
            "up to 90",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0]] * (MOST_POSITIONS + 1)]}, "are the most"),
    ],
)
def test_what_is_no_area_is_refused(value: Any, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        Area.of_geojson(value)


@pytest.mark.parametrize(
    "box",
    [
        {"south": 2, "west": 0, "north": 1, "east": 1},
        {"south": -91, "west": 0, "north": 1, "east": 1},
        {"south": 0, "west": 181, "north": 1, "east": 1},
        {"south": 0, "west": float("nan"), "north": 1, "east": 1},
    ],
)
def test_what_is_no_box_is_refused(box: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="the box needs"):
        Area.of_box(box)
