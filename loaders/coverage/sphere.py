"""Points on the sphere as unit vectors, and an equal-area map around each.

Vectors have neither poles nor an antimeridian, so nothing here needs to know of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EARTH_RADIUS_M = 6_371_007.180918475  # of the sphere with the earth's surface, as H3 has it


def vectors(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Floats:
    """Return unit vectors, one a row.

    Examples
    --------
    >>> vectors([0.0, 90.0], [0.0, 0.0]).round(9)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def degrees(points: Floats) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of unit vectors."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def flat_m(distance_m: npt.ArrayLike) -> Floats:
    """Return how long a distance from the origin of a map is on that map."""
    return 2 * EARTH_RADIUS_M * np.sin(np.asarray(distance_m) / (2 * EARTH_RADIUS_M))


@dataclass(frozen=True)
class Maps:
    """Lambert azimuthal equal-area maps, one around each of some points.

    Areas on a map are areas on the sphere, and directions from its origin are true, so that a
    circle or a sector around the origin is one on the map. Coordinates are metres, x to the east
    and y to the north.

    Attributes
    ----------
    origin, east, north : array of shape (n, 3)
        Unit vectors; at a pole, east is what it is along the given meridian.
    """

    origin: Floats
    east: Floats
    north: Floats

    @classmethod
    def around(cls, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> "Maps":
        """Return maps around points."""
        origin = vectors(lat_deg, lon_deg)
        lon = np.radians(lon_deg)
        east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
        return cls(origin, east, np.cross(origin, east))

    def of(self, index: int | slice | list[int] | npt.NDArray[np.int64]) -> "Maps":
        """Return some of the maps, or one; its points are then those of one array."""
        return Maps(self.origin[index], self.east[index], self.north[index])

    def drawn(self, points: Floats) -> Floats:
        """Return where points lie on their maps; not for a map's antipode."""
        scale = EARTH_RADIUS_M * np.sqrt(2 / (1 + np.sum(points * self.origin, axis=-1)))
        x, y = np.sum(points * self.east, axis=-1), np.sum(points * self.north, axis=-1)
        return np.stack([scale * x, scale * y], axis=-1)

    def lifted(self, drawn: Floats) -> Floats:
        """Return the points that lie at these places of their maps."""
        half = np.minimum(np.hypot(drawn[..., 0], drawn[..., 1]) / (2 * EARTH_RADIUS_M), 1)
        height = 1 - 2 * half**2  # cosine of the distance, whose half has the sine ``half``
        scale = np.sqrt(1 - half**2) / EARTH_RADIUS_M
        points: Floats = (
            height[..., None] * self.origin
            + (scale * drawn[..., 0])[..., None] * self.east
            + (scale * drawn[..., 1])[..., None] * self.north
        )
        return points
