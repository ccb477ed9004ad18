"""What is nearer to one antenna than to any other: the Voronoi diagram on the sphere.

The neighbours of every antenna come from a Delaunay triangulation of the stereographic map, on
which circles of the sphere stay circles, so that it is the sphere's own. Each region is then cut
out on the gnomonic map around its antenna, on which great circles, and so the borders between
antennas, are straight. Both are exact, wherever the antennas stand.
"""

from collections import defaultdict
from collections.abc import Sequence

import h3
import numpy as np
import shapely

from loaders.coverage.shapes import circle
from loaders.coverage.sphere import EARTH_RADIUS_M, Floats, Maps, degrees, vectors

_FAR = vectors(*np.array([h3.cell_to_latlng(cell) for cell in sorted(h3.get_res0_cells())]).T)


def regions(antennas: Floats, greatest_m: Sequence[float]) -> list[Floats]:
    """Return the outline of each antenna's region, as corners on the equal-area map around it.

    Parameters
    ----------
    antennas : array of shape (n, 3)
        Unit vectors, no two the same.
    greatest_m : sequence of float
        How far each region reaches where no other antenna is nearer, at most some 1,000 km.

    Notes
    -----
    Somewhere on earth there must be a place twice that far from all antennas; any ocean will do.
    """
    neighbours = _neighbours(antennas, 2 * max(greatest_m, default=0))
    around = Maps.around(*degrees(antennas))
    return [
        _region(around.of(index), antennas[neighbours[index]], reach_m)
        for index, reach_m in enumerate(greatest_m)
    ]


def _neighbours(antennas: Floats, apart_m: float) -> dict[int, list[int]]:
    """Return with whom antennas may share a border.

    Points far from all antennas are triangulated along with them. They stand in nobody's way,
    because a circle through two antennas that share a border within reach holds none of them;
    and the hull, where a triangulation is least exact, is theirs.
    """
    nearness = (antennas @ _FAR.T).max(axis=0)
    far = _FAR[nearness < np.cos(min(apart_m / EARTH_RADIUS_M, np.pi))]
    pole = _FAR[nearness.argmin()]
    points = np.concatenate([antennas, far[(far != pole).any(axis=1)]])
    drawn = _stereographic(points, pole)
    index_of = {(x, y): index for index, (x, y) in enumerate(drawn.tolist())}
    edges = shapely.delaunay_triangles(shapely.MultiPoint(drawn), only_edges=True)
    ends = shapely.get_coordinates(edges).reshape(-1, 2, 2).tolist()
    neighbours: dict[int, list[int]] = defaultdict(list)
    for (x, y), (other_x, other_y) in ends:
        one, other = index_of[x, y], index_of[other_x, other_y]
        if max(one, other) < len(antennas):
            neighbours[one].append(other)
            neighbours[other].append(one)
    return neighbours


def _stereographic(points: Floats, pole: Floats) -> Floats:
    lat, lon = degrees(pole)
    map_ = Maps.around(lat, lon)
    below = 1 - points @ pole
    return np.stack([points @ map_.east / below, points @ map_.north / below], axis=-1)


def _region(around: Maps, neighbours: Floats, reach_m: float) -> Floats:
    """Cut a circle along the borders to the neighbours."""
    outline = around.lifted(circle(reach_m))
    ring = np.stack([outline @ around.east, outline @ around.north], axis=-1)
    ring /= (outline @ around.origin)[:, None]
    for neighbour in neighbours:
        apart = around.origin - neighbour
        # On the gnomonic map: nearer to the antenna where offset + slope . (x, y) >= 0.
        slope = -np.array([neighbour @ around.east, neighbour @ around.north])
        ring = _cut(ring, slope, float(apart @ apart) / 2)
    lifted = around.origin + ring[:, :1] * around.east + ring[:, 1:] * around.north
    return around.drawn(lifted / np.linalg.norm(lifted, axis=1, keepdims=True))


def _cut(ring: Floats, slope: Floats, offset: float) -> Floats:
    """Return the part of a convex ring on the one side of a line."""
    height = ring @ slope + offset
    if (height >= 0).all():
        return ring
    after, height_after = np.roll(ring, -1, axis=0), np.roll(height, -1)
    kept = []
    for here, there, high, high_there in zip(ring, after, height, height_after, strict=True):
        if high >= 0:
            kept.append(here)
        if (high >= 0) != (high_there >= 0):
            kept.append(here + (there - here) * (high / (high - high_there)))
    return np.array(kept)
