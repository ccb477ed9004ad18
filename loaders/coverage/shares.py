"""Ground to places: which part of it lies in each hexagon of the raster."""

import math
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
import shapely

from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.coverage.sphere import Floats, Maps, degrees, vectors

MOST_PLACES = 64  # a circle of 1.46 km, about a city's cell, is still told by the finest places
_KNOWN_HEXAGONS = 100_000  # whose corners are kept, some 30 MB
_MOST_RINGS = 40  # twice what the widest range takes
_SMALLEST_SHARE = 1e-9  # less is what two ways of rounding differ by
_M2_PER_KM2 = 1e6


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


def shares(around: Maps, outline: Floats) -> dict[int, float]:
    """Return the places that ground lies in, each with its part of the ground, summing to 1.

    Parameters
    ----------
    around : Maps
        One equal-area map.
    outline : array of shape (n, 2)
        Corners of the ground on that map, in metres; up to some hundred kilometres wide.

    Notes
    -----
    Both the ground and the hexagons are polygons on the map, so that the shares are exact for
    straight sides; sides of H3 hexagons are arcs of great circles, which differ from straight
    ones by less than a millionth of their length where cells are up to 35 km wide.
    """
    ground = shapely.Polygon(outline)
    resolution = resolution_of(ground.area)
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    lat, lon = degrees(around.lifted(middle))
    centre = h3.latlng_to_cell(float(lat), float(lon), resolution)
    reach_m = float(np.hypot(*(outline - middle).T).max())
    rings = math.ceil(reach_m / (1.4 * h3.average_hexagon_edge_length(resolution, "m")))
    hexagons, parts_m2 = _parts(around, ground, centre, rings)
    is_told = parts_m2 > _SMALLEST_SHARE * ground.area
    told_m2 = parts_m2[is_told]
    told = np.array(hexagons)[is_told].tolist()
    return dict(zip(told, (told_m2 / told_m2.sum()).tolist(), strict=True))


def _parts(
    around: Maps, ground: shapely.Polygon, centre: int, rings: int
) -> tuple[list[int], Floats]:
    """Return the hexagons around one, as far as the ground goes, and how much of it each has."""
    enough_m2 = (1 - 1e-6) * ground.area
    while True:
        hexagons = h3.grid_disk(centre, rings)
        parts_m2 = _overlaps(around, ground, hexagons)
        if parts_m2.sum() >= enough_m2 or rings >= _MOST_RINGS:
            return hexagons, parts_m2
        rings += 1  # hexagons are not all of average size, and the first is not in the middle


def _overlaps(around: Maps, ground: shapely.Polygon, hexagons: list[int]) -> Floats:
    corners = [_corners(hexagon) for hexagon in hexagons]
    drawn = around.drawn(vectors(*np.concatenate(corners).T))
    which = np.repeat(np.arange(len(corners)), [len(each) for each in corners])
    shapes = np.asarray(shapely.polygons(shapely.linearrings(drawn, indices=which)))
    shapely.prepare(ground)
    is_inside = shapely.contains_properly(ground, shapes)
    is_cut = shapely.intersects(ground, shapes) & ~is_inside  # the only ones that are costly
    parts_m2 = np.where(is_inside, shapely.area(shapes), 0.0)
    parts_m2[is_cut] = shapely.area(shapely.intersection(ground, shapes[is_cut]))
    return parts_m2


@lru_cache(maxsize=_KNOWN_HEXAGONS)
def _corners(hexagon: int) -> Floats:
    return np.array(h3.cell_to_boundary(hexagon))
