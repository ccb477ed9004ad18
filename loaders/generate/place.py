"""The country: towns, sites, cells and how far they are from each other.

The country is made up and lies where Estonia does; sea and borders are not minded. Positions are on
the sphere: distances are great circles.
"""

from dataclasses import dataclass

import numpy as np

from loaders.generate.draws import Array, stream

SECTORS = 3
DISTANCE_BINS = 28
_EARTH_KM = 6371.0088  # mean radius R1 of GRS 80
_CENTRE = (58.6, 25.5)
_NEAREST_KM, _FARTHEST_KM = 7.0, 400.0  # from a town to the one that it was founded from
_PEOPLE_A_TOWN = 200
_PEOPLE_A_SITE = 300
_MOST_SITES = 10_000
_NEIGHBOURS = 4  # candidates at a distance
_DISTANCES_KM = np.geomspace(0.3, 700.0, DISTANCE_BINS)
TECHNOLOGIES = ("2G", "3G", "4G", "5G")
_TECHNOLOGY_SHARES = (0.04, 0.08, 0.62, 0.26)


@dataclass(frozen=True)
class Country:
    """Sites, and cells: the sectors of each site, ``SECTORS`` in a row.

    Attributes
    ----------
    town, lat_deg, lon_deg : Array
        Of each site.
    azimuth_deg, range_m, technology : Array
        Of each cell; ``technology`` is a position in ``TECHNOLOGIES``.
    turned_on : Array
        Of each cell: the day from the start on which its antenna was turned; -1: never.
    near : Array
        Of each site and bin of distance: sites that are about that far.
    """

    town: Array
    lat_deg: Array
    lon_deg: Array
    azimuth_deg: Array
    range_m: Array
    technology: Array
    turned_on: Array
    near: Array

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return len(self.town)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.azimuth_deg)

    def site_at(self, origin: Array, distance_km: Array, rng: np.random.Generator) -> Array:
        """Return a site about that far from each origin."""
        found = np.searchsorted(_DISTANCES_KM, distance_km)
        which = rng.integers(0, _NEIGHBOURS, len(origin))
        sites: Array = self.near[origin, np.minimum(found, DISTANCE_BINS - 1), which]
        return sites


def site_id(site: Array) -> Array:
    """Return the identifiers of sites."""
    return 10_000 + site


def cell_id(cell: Array) -> Array:
    """Return the identifiers of cells: site and sector, as E-UTRAN cell identities are made.

    Examples
    --------
    >>> cell_id(np.array([0, 1, 3])).tolist()
    [2560001, 2560002, 2560257]
    """
    identifiers: Array = site_id(cell // SECTORS) * 256 + cell % SECTORS + 1
    return identifiers


def found_country(people: int, seed: int) -> Country:
    """Return a country that is large enough for its people."""
    rng = stream(seed, "country")
    towns = int(np.clip(people // _PEOPLE_A_TOWN, 5, 300))
    shares = 1 / np.arange(1, towns + 1)  # Zipf's law of the sizes of towns
    wanted = min(people / _PEOPLE_A_SITE, _MOST_SITES)
    sites_in = np.maximum(1, np.round(shares / shares.sum() * wanted)).astype(np.int64)
    sites, cells = int(sites_in.sum()), int(sites_in.sum()) * SECTORS
    town = np.repeat(np.arange(towns), sites_in)
    centres = _towns(towns, rng)
    spread_km = 0.6 * np.sqrt(sites_in[town]) * np.sqrt(rng.random(sites))
    lat, lon = _away(centres[0][town], centres[1][town], rng.random(sites) * 360, spread_km)
    lat, lon = np.round(lat, 6), np.round(lon, 6)
    first_deg = np.repeat(rng.integers(0, 120, sites), SECTORS)
    is_turned = rng.random(cells) < 0.05
    return Country(
        town=town,
        lat_deg=lat,
        lon_deg=lon,
        azimuth_deg=first_deg + 120 * (np.arange(cells) % SECTORS),
        range_m=np.repeat(rng.integers(9, 40, sites), SECTORS) * 100,
        technology=rng.choice(len(TECHNOLOGIES), cells, p=_TECHNOLOGY_SHARES).astype(np.int8),
        turned_on=np.where(is_turned, rng.integers(1, 29, cells), -1),
        near=_near(lat, lon),
    )


def _towns(count: int, rng: np.random.Generator) -> Array:
    """Found towns from earlier ones, mostly nearby: they lie in clusters of every size."""
    reach = 1 - _NEAREST_KM / _FARTHEST_KM
    distance_km = _NEAREST_KM / (1 - reach * rng.random(count))  # Pareto, cut off
    azimuth_deg = rng.random(count) * 360
    centres = np.empty((2, count))
    centres[:, 0] = _CENTRE
    for town in range(1, count):
        lat_deg, lon_deg = centres[:, rng.integers(0, town)]
        centres[:, town] = _away(lat_deg, lon_deg, azimuth_deg[town], distance_km[town])
    return centres


def _away(
    lat_deg: Array | float, lon_deg: Array | float, azimuth_deg: Array, km: Array
) -> tuple[Array, Array]:
    """Go a way along a great circle."""
    lat, lon, azimuth = np.radians(lat_deg), np.radians(lon_deg), np.radians(azimuth_deg)
    angle = km / _EARTH_KM
    sine = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(azimuth)
    east = np.sin(azimuth) * np.sin(angle) * np.cos(lat)
    there = lon + np.arctan2(east, np.cos(angle) - np.sin(lat) * sine)
    return np.degrees(np.arcsin(sine)), (np.degrees(there) + 180) % 360 - 180


def _near(lat_deg: Array, lon_deg: Array) -> Array:
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    chords = (2 * np.sin(_DISTANCES_KM / _EARTH_KM / 2)) ** 2
    sites = len(points)
    near = np.empty((sites, DISTANCE_BINS, _NEIGHBOURS), np.int32)
    for first in range(0, sites, 256):
        squared = 2 - 2 * points[first : first + 256] @ points.T
        order = np.argsort(squared, axis=1, kind="stable")
        ordered = np.take_along_axis(squared, order, axis=1)
        for number, chord in enumerate(chords):
            nearer = (ordered < chord).sum(axis=1)[:, np.newaxis]
            at = np.clip(nearer - 2 + np.arange(_NEIGHBOURS), 0, sites - 1)
            near[first : first + 256, number] = np.take_along_axis(order, at, axis=1)
    return near
