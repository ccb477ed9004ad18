"""Areas of the earth that somebody drew, and what lies in them.

Sides are straight in longitude and latitude, as RFC 7946 has them. A side of more than 180 degrees
of longitude is the short way round, across the antimeridian, and a ring around a pole holds it; a
belt from -180 to 180 is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import translate

from graph.database.session import Row
from graph.errors import BadInput

MOST_POSITIONS = 20_000
Floats = npt.NDArray[np.float64]
_ROUND_DEG = 360.0
_ROUNDING_DEG = 1e-9  # a tenth of a millimetre


@dataclass(frozen=True)
class Area:
    """One or more polygons; their borders belong to them.

    Attributes
    ----------
    polygons : tuple of shapely.Geometry
        In degrees, longitude first; one that crosses the antimeridian goes on beyond 180.
    """

    polygons: tuple[shapely.Geometry, ...]

    @classmethod
    def of_geojson(cls, value: Any) -> "Area":
        """Return the area of a GeoJSON geometry.

        Raises
        ------
        BadInput
            It is not a Polygon or a MultiPolygon of RFC 7946, or has too many positions.

        Examples
        --------
        >>> square = [[[179, -1], [-179, -1], [-179, 1], [179, 1], [179, -1]]]
        >>> area = Area.of_geojson({"type": "Polygon", "coordinates": square})
        >>> area.holds(np.array([0.0, 0.0]), np.array([-179.5, 0.0]))
        array([ True, False])
        """
        match value:
            case {"type": "Polygon", "coordinates": list(rings)}:
                polygons = [rings]
            case {"type": "MultiPolygon", "coordinates": list(polygons)}:
                pass
            case _:
                raise BadInput("the area must be a GeoJSON Polygon or MultiPolygon")
        if not polygons:
            raise BadInput("the area has no polygon")
        _check_size(polygons)
        return cls(tuple(_polygon(rings) for rings in polygons))

    @classmethod
    def of_box(cls, box: Mapping[str, float]) -> "Area":
        """Return the area between two parallels and, going east, two meridians.

        Raises
        ------
        BadInput
            A latitude or a longitude is none, or south lies north of north.
        """
        south, west, north, east = (box[side] for side in ("south", "west", "north", "east"))
        if not (-90 <= south <= north <= 90 and abs(west) <= 180 and abs(east) <= 180):
            raise BadInput("the box needs south <= north from -90 to 90, west and east to 180")
        return cls((shapely.box(west, south, east if west <= east else east + _ROUND_DEG, north),))

    @property
    def boxes(self) -> list[Row]:
        """Boxes that hold the area, none across the antimeridian: south, west, north, east."""
        return [box for polygon in self.polygons for box in _boxes(polygon)]

    def holds(self, lat_deg: Floats, lon_deg: Floats) -> npt.NDArray[np.bool_]:
        """Return which points lie in the area or on its border."""
        inside = np.zeros(len(lat_deg), np.bool_)
        for polygon in self.polygons:
            shapely.prepare(polygon)
            for turn in (-_ROUND_DEG, 0.0, _ROUND_DEG):
                inside |= shapely.intersects_xy(polygon, lon_deg + turn, lat_deg)
        return inside


def _check_size(polygons: Sequence[Any]) -> None:
    positions = 0
    for rings in polygons:
        if not isinstance(rings, list) or not rings:
            raise BadInput("a polygon must be a list of rings, its outline first")
        for ring in rings:
            if not isinstance(ring, list):
                raise BadInput("a ring must be a list of positions")
            positions += len(ring)
    if positions > MOST_POSITIONS:
        raise BadInput(f"the area has {positions} positions; {MOST_POSITIONS} are the most")


def _polygon(rings: Sequence[Any]) -> shapely.Geometry:
    outline, *holes = (shapely.Polygon(_unrolled(ring)) for ring in rings)
    # A ring that touches or crosses itself holds what it goes around an odd number of times.
    ground = shapely.make_valid(outline)
    for hole in holes:
        for turn in (-_ROUND_DEG, 0.0, _ROUND_DEG):
            cut = shapely.make_valid(translate(hole, xoff=turn))
            ground = shapely.difference(ground, cut)
    return ground


def _unrolled(ring: Sequence[Any]) -> Floats:
    """Return the positions of a ring without leaps in longitude."""
    try:
        positions = np.array([position[:2] for position in ring], np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError):
        raise BadInput("a position must be a longitude and a latitude, in degrees") from None
    lon, lat = positions.T
    # The comparisons are false for what is not a number, too.
    if not ((np.abs(lat) <= 90).all() and (np.abs(lon) <= _ROUND_DEG).all()):
        raise BadInput("a position must be a longitude up to 360 and a latitude up to 90 degrees")
    if len(positions) < 4 or (positions[0] != positions[-1]).any():
        raise BadInput("a ring must have four positions or more and end where it begins")
    unrolled = np.stack([np.unwrap(lon, period=_ROUND_DEG), lat], axis=1)
    first, last = unrolled[0], unrolled[-1]
    if first[0] == last[0]:
        is_something = np.ptp(unrolled[:, 0]) > 0  # not so for a belt around the earth
        return unrolled if is_something else positions
    # It went once around the earth, so that it closes by way of the nearer pole.
    pole = 90.0 if lat.mean() > 0 else -90.0
    return np.vstack([unrolled, [[last[0], pole], [first[0], pole]]])


def _boxes(polygon: shapely.Geometry) -> list[Row]:
    if shapely.is_empty(polygon):
        return []
    west, south, east, north = shapely.bounds(polygon).tolist()
    # A little wider, for rounding, and because -180 is 180.
    west, east = west - _ROUNDING_DEG, east + _ROUNDING_DEG
    turns = np.floor((west + 180) / _ROUND_DEG) * _ROUND_DEG
    west, east = west - turns, east - turns
    if east - west >= _ROUND_DEG:
        spans = [(-180.0, 180.0)]
    elif east > 180:
        spans = [(west, 180.0), (-180.0, east - _ROUND_DEG)]
    else:
        spans = [(west, east)]
    return [{"south": south, "west": w, "north": north, "east": e} for w, e in spans]
