"""Geohashes: cells of a grid on WGS 84, each of which a letter more divides by 32.

Letters have five bits each, which halve longitude and latitude by turns, longitude first.

References
----------
.. [1] G. Niemeyer, geohash.org, 2008; the letters are those of its base 32.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import h3
import numpy as np
import shapely

from graph.raster import FINEST_RESOLUTION

_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
_BITS = 5  # of a letter


@dataclass(frozen=True)
class Grid:
    """All geohashes of one length.

    Parameters
    ----------
    precision : int
        How many letters, from 1 to 12.

    Examples
    --------
    >>> Grid(11).at(57.64911, 10.40744)
    'u4pruydqqvj'
    >>> Grid(5).box("ezs42")
    (-5.625, 42.5830078125, -5.5810546875, 42.626953125)
    """

    precision: int

    @property
    def columns(self) -> int:
        """How many there are around the earth."""
        return 1 << math.ceil(_BITS * self.precision / 2)

    @property
    def rows(self) -> int:
        """How many there are from pole to pole."""
        return 1 << math.floor(_BITS * self.precision / 2)

    @property
    def size_deg(self) -> tuple[float, float]:
        """Width and height of a cell, in degrees of longitude and latitude."""
        return 360 / self.columns, 180 / self.rows

    def at(self, lat_deg: float, lon_deg: float) -> str:
        """Return the cell that holds a point."""
        return self.named(*self.place(lat_deg, lon_deg))

    def place(self, lat_deg: float, lon_deg: float) -> tuple[int, int]:
        """Return column and row of the cell that holds a point."""
        width_deg, height_deg = self.size_deg
        column, row = int((lon_deg + 180) // width_deg), int((lat_deg + 90) // height_deg)
        return min(column, self.columns - 1), min(row, self.rows - 1)

    def named(self, column: int, row: int) -> str:
        """Return the letters of the cell in a column and a row."""
        number, halves = 0, [self._half(column, self.columns), self._half(row, self.rows)]
        for bit in range(_BITS * self.precision):
            number = number << 1 | next(halves[bit % 2])
        shifts = range(_BITS * (self.precision - 1), -1, -_BITS)
        return "".join(_LETTERS[number >> shift & 31] for shift in shifts)

    def box(self, geohash: str) -> tuple[float, float, float, float]:
        """Return west, south, east and north of a cell of this length, in degrees."""
        parts = [0, 0]
        for bit in range(_BITS * self.precision):
            letter = _LETTERS.index(geohash[bit // _BITS])
            parts[bit % 2] = parts[bit % 2] << 1 | letter >> _BITS - 1 - bit % _BITS & 1
        width_deg, height_deg = self.size_deg
        west, south = parts[0] * width_deg - 180, parts[1] * height_deg - 90
        return west, south, west + width_deg, south + height_deg

    @staticmethod
    def _half(position: int, size: int) -> Iterator[int]:
        """Yield which half of a half a position lies in, from the greatest to the smallest."""
        return (position >> bit & 1 for bit in range(size.bit_length() - 2, -1, -1))


def within(area: shapely.Polygon, precision: int, most: int) -> list[str] | None:
    """Return the cells that have some of a polygon, sorted; ``None``: there are too many.

    Parameters
    ----------
    area : Polygon
        In degrees, longitude first.
    most : int
        How many cells the polygon's box may have.
    """
    grid = Grid(precision)
    west, south, east, north = area.bounds
    first, last = grid.place(south, west), grid.place(north, east)
    spans = [range(low, high + 1) for low, high in zip(first, last, strict=True)]
    if len(spans[0]) * len(spans[1]) > most:
        return None
    places = list(product(*spans))
    columns, rows = np.array(places, np.float64).T
    width_deg, height_deg = grid.size_deg
    left, low = columns * width_deg - 180, rows * height_deg - 90
    boxes = shapely.box(left, low, left + width_deg, low + height_deg)
    # Cells that only touch the border have nothing of the area.
    has_some = shapely.area(shapely.intersection(boxes, area)) > 0
    return sorted(grid.named(*place) for place, has in zip(places, has_some, strict=True) if has)


def places_of(geohash: str, resolution: int) -> list[int]:
    """Return the places of the raster whose centre a cell holds, or else the one that holds its.

    Parameters
    ----------
    resolution : int
        Of the places, as in H3.
    """
    west, south, east, north = Grid(len(geohash)).box(geohash)
    corners = [(south, west), (south, east), (north, east), (north, west)]
    found = h3.polygon_to_cells(h3.LatLngPoly(corners), resolution)
    centre = ((south + north) / 2, (west + east) / 2)
    return sorted(map(h3.str_to_int, found or [h3.latlng_to_cell(*centre, resolution)]))


def is_covered(geohash: str, covered: Mapping[int, Collection[str]]) -> bool:
    """Tell whether any place of a cell lies in some others.

    Parameters
    ----------
    covered : Mapping
        Those others, by their resolution.
    """
    places = [h3.int_to_str(place) for place in places_of(geohash, FINEST_RESOLUTION)]
    return any(
        h3.cell_to_parent(place, resolution) in there
        for resolution, there in covered.items()
        for place in places
    )
