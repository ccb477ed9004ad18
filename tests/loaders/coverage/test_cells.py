"""What a table of cells says about the ground of each."""

from typing import Any

import h3
import pyarrow as pa
import pytest

from loaders.coverage.cells import anchors, covers, shape_of, with_neighbours
from loaders.transforms import place
from tests.loaders.records_of import at, table_of


def cells(*rows: dict[str, Any]) -> pa.Table:
    told = [{"lat_deg": 58.38, "lon_deg": 26.72, **row} for row in rows]
    return place.cells(table_of("cells", *told)).to_pyarrow()


def shares(found: pa.Table, cell_id: str) -> dict[int, float]:
    return {row["h3"]: row["share"] for row in found.to_pylist() if row["cell_id"] == cell_id}


SECTOR = {"azimuth_deg": 90.0, "beam_deg": 65.0, "range_m": 900.0}


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        (SECTOR, "sector"),
        (SECTOR | {"coverage": "circle"}, "circle"),
        (SECTOR | {"coverage": "voronoi"}, "voronoi"),
        (SECTOR | {"coverage": "point"}, "point"),
        (SECTOR | {"beam_deg": 360.0}, "circle"),
        (SECTOR | {"beam_deg": None}, "circle"),
        (SECTOR | {"range_m": None}, "point"),
        (SECTOR | {"range_m": 0.5, "coverage": "sector"}, "point"),
        ({"range_m": 900.0, "coverage": "sector"}, "circle"),
        ({}, "point"),
    ],
)
def test_the_shape_is_what_is_said_as_far_as_the_numbers_go(
    cell: dict[str, Any], shape: str
) -> None:
    assert shape_of(cell) == shape


def test_antennas_on_one_mast_share_one_region() -> None:
    """A and b stand on one mast; c is 10 km to the east; d, elsewhere named, has no say."""
    mast = {"coverage": "voronoi"}
    table = cells(
        {"cell_id": "a", **mast},
        {"cell_id": "b", **mast, "lat_deg": 58.380001},
        {"cell_id": "c", **mast, "lon_deg": 26.89},
        {"cell_id": "d", **mast, "lon_deg": 26.8, "namespace": "other"},
    )
    found = covers(table, table["cell_id"].combine_chunks())
    a, b, c, d = (shares(found, name) for name in "abcd")
    assert a == b
    assert max(map(len, (a, b, c))) < max(200, len(d))
    assert sum(a.values()) == pytest.approx(1, abs=1e-12)
    assert set(a) != set(c)


def test_only_what_is_asked_for_is_told() -> None:
    table = cells({"cell_id": "a"}, {"cell_id": "b"}, {"cell_id": "c", **SECTOR})
    found = covers(table, pa.array(["b"]))
    assert found.to_pylist() == [
        {"cell_id": "b", "h3": h3.str_to_int(h3.latlng_to_cell(58.38, 26.72, 9)), "share": 1.0}
    ]


def test_an_antenna_in_a_diagram_has_a_say_in_all_of_it() -> None:
    """C was in the diagram of the lab once; e is in another one, and p in none."""
    table = cells(
        {"cell_id": "a", "coverage": "voronoi"},
        {"cell_id": "b", "coverage": "voronoi"},
        {"cell_id": "c", "coverage": "voronoi", "valid_to": at(1)},
        {"cell_id": "c", "valid_from": at(1)},
        {"cell_id": "e", "coverage": "voronoi", "namespace": "other"},
        {"cell_id": "p"},
    )
    told = {moved: set(with_neighbours(table, pa.array([moved])).to_pylist()) for moved in "acep"}
    assert told == {"a": {"a", "b", "c"}, "c": {"a", "b", "c"}, "e": {"e"}, "p": {"p"}}


def test_anchors_are_ahead_of_a_sector_and_at_any_other_antenna() -> None:
    """900 m, 65 degrees: the centroid is 4 * 900 * sin(32.5) / (3 * 1.1345) = 568 m ahead."""
    table = cells(
        {"cell_id": "a", **SECTOR},
        {"cell_id": "b", "range_m": 900.0},
        {"cell_id": "c", "coverage": "voronoi"},
    )
    east = 26.72 + 568.3 / (111_195 * 0.5243)  # cos 58.38 = 0.5243
    places = [(58.38, east), (58.38, 26.72), (58.38, 26.72)]
    assert anchors(table).to_pylist() == [
        h3.str_to_int(h3.latlng_to_cell(lat, lon, 9)) for lat, lon in places
    ]
