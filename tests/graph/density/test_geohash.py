"""Geohashes against the published example, and against what a grid must be."""

import h3
import shapely
from hypothesis import given
from hypothesis import strategies as st

from graph.density.geohash import Grid, is_covered, places_of, within

latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-179.9, 179.9)


def test_published_examples() -> None:
    """Wikipedia's, "Geohash": u4pruydqqvj in Jutland, and ezs42 in León."""
    assert Grid(11).at(57.64911, 10.40744) == "u4pruydqqvj"
    assert Grid(5).at(42.6, -5.6) == "ezs42"


@given(latitudes, longitudes, st.integers(1, 12))
def test_a_cell_holds_its_points_and_a_letter_less_is_the_cell_around(
    lat_deg: float, lon_deg: float, precision: int
) -> None:
    geohash = Grid(precision).at(lat_deg, lon_deg)
    west, south, east, north = Grid(precision).box(geohash)
    assert west - 1e-9 <= lon_deg <= east  # floats are finer around 0 than around 180
    assert south - 1e-9 <= lat_deg <= north
    assert Grid(12).at(lat_deg, lon_deg).startswith(geohash)


@given(latitudes, longitudes, st.floats(0.001, 0.02), st.sampled_from([5, 6]))
def test_cells_of_an_area_cover_it_and_no_other_does(
    lat_deg: float, lon_deg: float, size_deg: float, precision: int
) -> None:
    corners = [(lon_deg, lat_deg), (lon_deg + size_deg, lat_deg), (lon_deg, lat_deg + size_deg)]
    area = shapely.Polygon(corners)
    found = within(area, precision, 100_000)
    assert found
    boxes = [shapely.box(*Grid(precision).box(geohash)) for geohash in found]
    assert area.difference(shapely.union_all(boxes)).area < 1e-12
    assert all(box.intersects(area) for box in boxes)


def test_places_of_a_cell() -> None:
    """Large cells have the places whose centres they hold, small ones that which holds theirs."""
    large, small = Grid(5).at(55.78, 12.52), Grid(7).at(55.78, 12.52)
    west, south, east, north = Grid(5).box(large)
    centres = [h3.cell_to_latlng(h3.int_to_str(place)) for place in places_of(large, 9)]
    assert len(centres) > 100
    assert all(south <= lat <= north and west <= lon <= east for lat, lon in centres)
    (place,) = places_of(small, 9)
    assert h3.int_to_str(place) in h3.grid_disk(h3.latlng_to_cell(55.78, 12.52, 9), 1)
    assert is_covered(small, {7: {h3.cell_to_parent(h3.int_to_str(place), 7)}})
    assert not is_covered(small, {7: {h3.latlng_to_cell(40.0, -3.0, 7)}})
