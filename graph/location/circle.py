"""Circles on the earth, and how much of each other they hold."""

import math
from dataclasses import dataclass

import h3


@dataclass(frozen=True)
class Circle:
    """All that is within a distance of a point.

    Attributes
    ----------
    lat_deg, lon_deg : float
        The centre, on WGS 84.
    radius_m : float
        Above 0.

    Examples
    --------
    >>> town = Circle(50.0, 7.0, 1000.0)
    >>> round(town.surface_m2)
    3141593
    >>> town.share_within(town), town.share_within(Circle(51.0, 7.0, 1000.0))
    (1.0, 0.0)
    """

    lat_deg: float
    lon_deg: float
    radius_m: float

    @classmethod
    def around(cls, place: str) -> "Circle":
        """Return the smallest circle of whole metres around the centre of a place, that holds it.

        The sides of a place are parts of great circles, so that its corners are furthest away.
        """
        lat_deg, lon_deg = h3.cell_to_latlng(place)
        corners = h3.cell_to_boundary(place)
        centre = (lat_deg, lon_deg)
        reach_m = max(h3.great_circle_distance(centre, corner, unit="m") for corner in corners)
        return cls(lat_deg, lon_deg, float(math.ceil(reach_m)))

    @property
    def surface_m2(self) -> float:
        """What it covers of a plane, in square metres."""
        return math.pi * self.radius_m**2

    def distance_m(self, other: "Circle") -> float:
        """Return the distance of the centres, along a great circle."""
        here, there = (self.lat_deg, self.lon_deg), (other.lat_deg, other.lon_deg)
        return float(h3.great_circle_distance(here, there, unit="m"))

    def touches(self, other: "Circle") -> bool:
        """Tell whether they have a point in common."""
        return self.distance_m(other) <= self.radius_m + other.radius_m

    def has_centre_of(self, other: "Circle") -> bool:
        """Tell whether the other's centre lies in this."""
        return self.distance_m(other) <= self.radius_m

    def share_within(self, other: "Circle") -> float:
        """Return which share of this lies within another, from 0 to 1.

        They are laid on a plane, with the distance of their centres on the earth. As long as this
        one is small, as what a network tells is, the earth's curvature changes little.
        """
        return common_m2(self.radius_m, other.radius_m, self.distance_m(other)) / self.surface_m2


def common_m2(radius_m: float, other_radius_m: float, distance_m: float) -> float:
    """Return the area that two circles of a plane have in common, in square metres.

    Beside the cases in which one holds the other or neither has any of it, it is two circular
    segments (Weisstein, "Circle-Circle Intersection", MathWorld, equation 14).
    """
    small, large = sorted((radius_m, other_radius_m))
    if distance_m >= small + large:
        return 0.0
    if distance_m <= large - small:
        return math.pi * small**2
    return _segment_m2(small, _chord_m(small, large, distance_m)) + _segment_m2(
        large, _chord_m(large, small, distance_m)
    )


def _chord_m(radius_m: float, other_radius_m: float, distance_m: float) -> float:
    """Return how far from the centre the common chord lies; below 0 on the side away."""
    return (distance_m**2 + radius_m**2 - other_radius_m**2) / (2 * distance_m)


def _segment_m2(radius_m: float, height_m: float) -> float:
    """Return the area of the part of a circle that lies beyond a chord."""
    cosine = max(-1.0, min(1.0, height_m / radius_m))
    return radius_m**2 * (math.acos(cosine) - cosine * math.sqrt(1 - cosine**2))
