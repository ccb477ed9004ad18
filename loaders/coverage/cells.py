"""What a table of cells says about the ground that each of them serves."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa

from graph.kernels import pc
from graph.raster import FINEST_RESOLUTION
from loaders.coverage.positions import places
from loaders.coverage.shapes import centroid, circle, sector
from loaders.coverage.shares import shares
from loaders.coverage.sphere import EARTH_RADIUS_M, Floats, Maps, degrees
from loaders.coverage.voronoi import regions

GREATEST_REACH_M = 35_000  # of a Voronoi region: what GSM's timing advance allows a call
LEAST_RANGE_M = 1.0  # a smaller range is no range
COVERS = pa.schema([("cell_id", pa.string()), ("h3", pa.int64()), ("share", pa.float64())])
_DIRECTION = ("azimuth_deg", "beam_deg", "range_m")

Cell = Mapping[str, Any]


def shape_of(cell: Cell) -> str:
    """Return how a cell's ground is told: ``sector``, ``circle``, ``voronoi`` or ``point``.

    What the record says in ``coverage`` counts as far as its numbers allow; without a word, the
    numbers alone do.

    Examples
    --------
    >>> shape_of({"azimuth_deg": 30.0, "beam_deg": 65.0, "range_m": 900.0})
    'sector'
    >>> shape_of({"coverage": "sector", "range_m": 900.0})
    'circle'
    >>> shape_of({})
    'point'
    """
    wanted = cell.get("coverage")
    if wanted in ("voronoi", "point"):
        return str(wanted)
    if (cell.get("range_m") or 0) < LEAST_RANGE_M:
        return "point"
    beam_deg = cell.get("beam_deg")
    is_directed = cell.get("azimuth_deg") is not None and beam_deg is not None and beam_deg < 360
    return "sector" if is_directed and wanted != "circle" else "circle"


def anchors(cells: pa.Table) -> pa.Array:
    """Return the one place of the finest resolution that stands for each cell.

    Who was seen by a cell is told to have been there: the place of the sector's centroid, or,
    where a cell has no direction, of the antenna.
    """
    rows = cells.select([*_DIRECTION, "coverage"]).to_pylist()
    lat, lon = _positions(cells)
    directed = [index for index, row in enumerate(rows) if shape_of(row) == "sector"]
    if directed:
        ahead = centroid(
            *(np.array([rows[index][name] for index in directed]) for name in _DIRECTION)
        )
        lat[directed], lon[directed] = degrees(
            Maps.around(lat[directed], lon[directed]).lifted(ahead)
        )
    return places(pa.array(lat), pa.array(lon))


def covers(cells: pa.Table, wanted: pa.Array) -> pa.Table:
    """Return which places cells cover, each with its share of the cell's ground: ``COVERS``.

    Parameters
    ----------
    cells : Table
        Each cell once, in the order of ``cell_id``; neighbours in a Voronoi diagram are looked
        for among all of one namespace.
    wanted : Array
        The identifiers of those that are asked for.
    """
    asked = set(wanted.to_pylist())
    if not asked:
        return COVERS.empty_table()
    lat, lon = _positions(cells)
    rows, maps = cells.to_pylist(), Maps.around(lat, lon)
    told: dict[str, list[Any]] = {name: [] for name in COVERS.names}
    for index, parts in _shares(rows, maps, asked):
        told["cell_id"] += [rows[index]["cell_id"]] * len(parts)
        told["h3"] += parts.keys()
        told["share"] += parts.values()
    return pa.table(told, schema=COVERS)


def with_neighbours(versions: pa.Table, moved: pa.Array) -> pa.Array:
    """Return the cells whose ground depends on one of those moved, and these themselves.

    In a Voronoi diagram every antenna has a say in its neighbours' ground, so that one that comes,
    moves or leaves tells all of its namespace anew.

    Parameters
    ----------
    versions : Table
        All versions of all cells: an antenna may have been in a diagram that it is in no longer.
    """
    in_diagram = versions.filter(pc.equal(versions["coverage"], "voronoi"))
    touched = in_diagram.filter(pc.is_in(in_diagram["cell_id"], moved))["namespace"]
    told = in_diagram.filter(pc.is_in(in_diagram["namespace"], touched.combine_chunks()))
    return pa.chunked_array([*told["cell_id"].chunks, moved], pa.string()).unique()


def _shares(
    rows: list[dict[str, Any]], maps: Maps, asked: set[str]
) -> Iterator[tuple[int, dict[int, float]]]:
    in_diagram: dict[str, list[int]] = defaultdict(list)
    outlines: dict[int, Floats] = {}
    for index, row in enumerate(rows):
        shape = shape_of(row)
        if shape == "voronoi":
            in_diagram[row["namespace"]].append(index)
        elif row["cell_id"] in asked:
            outline = _outline(row, shape)
            if outline is None:
                place = h3.latlng_to_cell(row["lat_deg"], row["lon_deg"], FINEST_RESOLUTION)
                yield index, {place: 1.0}
            else:
                outlines[index] = outline
    yield from zip(outlines, shares(maps.of([*outlines]), [*outlines.values()]), strict=True)
    for members in in_diagram.values():
        if any(rows[index]["cell_id"] in asked for index in members):
            for index, parts in _diagram(rows, maps, members):
                if rows[index]["cell_id"] in asked:
                    yield index, parts


def _outline(cell: Cell, shape: str) -> Floats | None:
    if shape == "sector":
        return sector(cell["azimuth_deg"], cell["beam_deg"], cell["range_m"])
    return circle(cell["range_m"]) if shape == "circle" else None


def _diagram(
    rows: list[dict[str, Any]], maps: Maps, members: list[int]
) -> Iterator[tuple[int, dict[int, float]]]:
    """Share out what is nearest; antennas less than a metre apart share one region."""
    metres = np.round(maps.origin[members] * EARTH_RADIUS_M)
    _, first, site_of = np.unique(metres, axis=0, return_index=True, return_inverse=True)
    sites = [members[index] for index in first]
    reach_m = [0.0] * len(sites)
    for index, site in zip(members, site_of.ravel().tolist(), strict=True):
        reach_m[site] = max(reach_m[site], _reach_m(rows[index]))
    outlines = regions(maps.origin[sites], reach_m)
    told = list(shares(maps.of(sites), outlines))
    for index, site in zip(members, site_of.ravel().tolist(), strict=True):
        yield index, told[site]


def _reach_m(cell: Cell) -> float:
    range_m = cell["range_m"]
    return GREATEST_REACH_M if range_m is None or range_m < LEAST_RANGE_M else float(range_m)


def _positions(cells: pa.Table) -> tuple[Floats, Floats]:
    lat, lon = (cells[name].to_numpy().astype(np.float64) for name in ("lat_deg", "lon_deg"))
    return lat, lon
