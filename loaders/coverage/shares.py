"""Ground to places: which part of it lies in each hexagon of the raster."""

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely

from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.coverage.sphere import Floats, Maps, degrees, vectors

MOST_PLACES = 64  # a circle of 1.46 km, about a city's cell, is still told by the finest places
_KNOWN_HEXAGONS = 100_000  # whose corners are kept, some 30 MB
_MOST_RINGS = 40  # twice what the widest range takes
_SMALLEST_SHARE = 1e-9  # less is what two ways of rounding differ by
_M2_PER_KM2 = 1e6
_AT_ONCE = 64  # grounds, some thousand hexagons: so few that arrays stay in a processor's cache

Polygons = npt.NDArray[np.object_]


def resolution_of(area_m2: float) -> int:
    """Return the finest resolution at which ground takes up to 64 hexagons of average size.

    Ground too large even for hexagons of the coarsest resolution takes as many as it takes.

    Examples
    --------
    >>> [resolution_of(math.pi * range_m**2) for range_m in (1_000, 5_000, 35_000, 200_000)]
    [9, 7, 5, 5]
    """
    for resolution in range(FINEST_RESOLUTION, COARSEST_RESOLUTION, -1):
        if area_m2 <= MOST_PLACES * h3.average_hexagon_area(resolution) * _M2_PER_KM2:
            return resolution
    return COARSEST_RESOLUTION


def shares(around: Maps, outlines: Sequence[Floats]) -> Iterator[dict[int, float]]:
    """Yield for each ground the places that it lies in, each with its part of it, summing to 1.

    Parameters
    ----------
    around : Maps
        An equal-area map for each ground.
    outlines : sequence of arrays of shape (n, 2)
        Corners of each ground on its map, in metres; up to some hundred kilometres wide.

    Notes
    -----
    Both the ground and the hexagons are polygons on the map, so that the shares are exact for
    straight sides; sides of H3 hexagons are arcs of great circles, which differ from straight
    ones by less than a millionth of their length where cells are up to 35 km wide.
    """
    blocks = [slice(start, start + _AT_ONCE) for start in range(0, len(outlines), _AT_ONCE)]
    maps, grounds = map(around.of, blocks), (outlines[block] for block in blocks)
    # Half of the time is Shapely's, which lets another thread run meanwhile.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(_of_block, maps, grounds):
            yield from found


def _of_block(around: Maps, outlines: Sequence[Floats]) -> list[dict[int, float]]:
    grounds = _polygons(np.concatenate(outlines), list(map(len, outlines)))
    area_m2 = shapely.area(grounds)
    found = []
    for (hexagons, parts_m2), ground_m2 in zip(_parts(around, grounds), area_m2, strict=True):
        is_told = parts_m2 > _SMALLEST_SHARE * ground_m2
        told_m2 = parts_m2[is_told]
        told = np.array(hexagons)[is_told].tolist()
        found.append(dict(zip(told, (told_m2 / told_m2.sum()).tolist(), strict=True)))
    return found


def _parts(around: Maps, grounds: Polygons) -> list[tuple[list[int], Floats]]:
    """Return for each ground the hexagons as far as it goes, and how much of it each has."""
    enough_m2 = (1 - 1e-6) * shapely.area(grounds)
    centres, rings = _middles(around, grounds)
    found: dict[int, tuple[list[int], Floats]] = {}
    lacking = list(range(len(grounds)))
    while lacking:
        disks = [h3.grid_disk(centres[index], rings[index]) for index in lacking]
        parts_m2 = _overlaps(around.of(lacking), grounds[lacking], disks)
        found |= zip(lacking, zip(disks, parts_m2, strict=True), strict=True)
        lacking = [
            index
            for index in lacking
            if found[index][1].sum() < enough_m2[index] and rings[index] < _MOST_RINGS
        ]
        for index in lacking:  # hexagons are not all of average size, the first not in the middle
            rings[index] += 1
    return [found[index] for index in range(len(grounds))]


def _middles(around: Maps, grounds: Polygons) -> tuple[list[int], list[int]]:
    """Return the hexagon in the middle of each ground, and how many rings should be enough."""
    bounds = shapely.bounds(grounds)
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    corners, ground_of = shapely.get_coordinates(grounds, return_index=True)
    away_m = np.hypot(*(corners - middles[ground_of]).T)
    reach_m = np.maximum.reduceat(away_m, np.flatnonzero(np.diff(ground_of, prepend=-1)))
    resolutions = list(map(resolution_of, shapely.area(grounds).tolist()))
    positions = (each.tolist() for each in degrees(around.lifted(middles)))
    centres = list(map(h3.latlng_to_cell, *positions, resolutions))
    rings = [
        math.ceil(reach / (1.4 * h3.average_hexagon_edge_length(resolution, "m")))
        for reach, resolution in zip(reach_m.tolist(), resolutions, strict=True)
    ]
    return centres, rings


def _overlaps(around: Maps, grounds: Polygons, disks: list[list[int]]) -> list[Floats]:
    """Return how much of each ground lies in each hexagon of its disk."""
    corners = [_corners(hexagon) for disk in disks for hexagon in disk]
    sizes = list(map(len, corners))
    ends = np.cumsum(list(map(len, disks)))
    ground_of = np.repeat(np.arange(len(disks)), np.diff(ends, prepend=0))
    maps = around.of(np.repeat(ground_of, sizes))
    shapes = _polygons(maps.drawn(vectors(*np.concatenate(corners).T)), sizes)
    shapely.prepare(grounds)
    of_pair = grounds[ground_of]
    is_inside = shapely.contains_properly(of_pair, shapes)
    is_cut = shapely.intersects(of_pair, shapes) & ~is_inside  # the only ones that are costly
    parts_m2 = np.where(is_inside, shapely.area(shapes), 0.0)
    parts_m2[is_cut] = shapely.area(shapely.intersection(of_pair[is_cut], shapes[is_cut]))
    return np.split(parts_m2, ends[:-1])


def _polygons(corners: Floats, sizes: list[int]) -> Polygons:
    """Return polygons of so many corners each."""
    rings = shapely.linearrings(corners, indices=np.repeat(np.arange(len(sizes)), sizes))
    return np.asarray(shapely.polygons(rings))


@lru_cache(maxsize=_KNOWN_HEXAGONS)
def _corners(hexagon: int) -> Floats:
    return np.array(h3.cell_to_boundary(hexagon))
