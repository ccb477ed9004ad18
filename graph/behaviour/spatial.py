"""Where a subscriber is: the indicators of places, from one place for each half hour."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.behaviour.arrays import (
    Floats,
    Ints,
    Mask,
    covering,
    entropy,
    ordered,
    ratio,
    runs,
    totals,
)
from graph.behaviour.events import Events, Periods

EARTH_RADIUS_KM = 6_371.0
PLACES = (
    "number_of_antennas",
    "entropy_of_antennas",
    "percent_at_home",
    "radius_of_gyration_km",
    "frequent_antennas",
)


@dataclass(frozen=True)
class Stays:
    """How many half hours each segment was at each cell, sorted by segment and cell.

    Attributes
    ----------
    first : Ints
        An event of the first of these half hours.
    """

    segment: Ints
    cell: Ints
    half_hours: Floats
    first: Ints


def stays(periods: Periods, chosen: Mask) -> Stays:
    """Return the half hours at each cell; of several cells in one, the most frequent counts.

    Of equally frequent ones it is the one that came first.
    """
    row = np.flatnonzero(chosen & (periods.events.cell >= 0))
    segment, cell = periods.segment[row], periods.events.cell[row]
    half_hour, first_of_half_hour = runs(segment, periods.half_hour[row])
    order = ordered(half_hour, cell)
    code, first = runs(half_hour[order], cell[order])
    if len(first) > len(first_of_half_hour):
        example = order[first]  # the first event at that cell in that half hour
        events = np.bincount(code)
        score = events * (len(row) + 1) - example
        best = np.maximum.reduceat(score, runs(half_hour[example])[1])
        place = example[score == best[half_hour[example]]]
    else:
        place = first_of_half_hour
    order = ordered(segment[place], cell[place])
    code, first = runs(segment[place][order], cell[place][order])
    example = place[order[first]]
    return Stays(segment[example], cell[example], totals(code, len(first)), row[example])


def places(found: Stays, periods: Periods, home: Ints) -> Mapping[str, Floats]:
    """Return every indicator of places by segment; NaN where no place is known.

    Parameters
    ----------
    home : Ints
        Every subscriber's home cell; -1: unknown.
    """
    size = periods.size
    total = totals(found.segment, size, found.half_hours)
    home_cell = home[periods.owner]
    is_home = found.cell == home_cell[found.segment]
    at_home = ratio(totals(found.segment[is_home], size, found.half_hours[is_home]), total)
    frequent = covering(found.half_hours, found.segment, size)
    antennas = totals(found.segment, size)
    return {
        "number_of_antennas": np.where(total > 0, antennas, np.nan),
        "entropy_of_antennas": entropy(found.half_hours, found.segment, size),
        "percent_at_home": np.where(home_cell >= 0, at_home, np.nan),
        "radius_of_gyration_km": _radius_km(found, periods.events, size),
        "frequent_antennas": np.where(total > 0, frequent, np.nan),
    }


def homes(nights: Stays, whole: Periods) -> Ints:
    """Return every subscriber's home: where they are in most half hours of their nights.

    Of several such cells it is the one that was seen first; -1: they have no located night.

    Parameters
    ----------
    whole : Periods
        Events that are not grouped.
    """
    home = np.full(len(whole.events.subscriber_ids), -1, np.int64)
    # A later assignment replaces an earlier one, so the best cell comes last.
    order = np.lexsort((-nights.first, nights.half_hours))
    home[whole.owner[nights.segment[order]]] = nights.cell[order]
    return home


def distances(found: Stays, periods: Periods) -> tuple[Floats, Ints]:
    """Return 1 - cosine between the cells of each period and of the subscriber's next one.

    Returns
    -------
    distance, subscriber
        One for each pair of consecutive periods with located events.
    """
    size, cells = periods.size, len(periods.events.cell_lat_deg)
    norm = np.sqrt(totals(found.segment, size, found.half_hours**2))
    located = np.flatnonzero(norm > 0)
    owner = periods.owner[located]
    is_pair = owner[1:] == owner[:-1]
    before, after = located[:-1][is_pair], located[1:][is_pair]
    following = np.full(size, -1, np.int64)
    following[before] = after
    key = found.segment * cells + found.cell
    wanted = following[found.segment] * cells + found.cell
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    is_shared = (following[found.segment] >= 0) & (key[at] == wanted)
    products = found.half_hours * found.half_hours[at]
    dot = totals(found.segment[is_shared], size, products[is_shared])
    return 1 - dot[before] / (norm[before] * norm[after]), owner[1:][is_pair]


def _radius_km(found: Stays, events: Events, size: int) -> Floats:
    lat_deg, lon_deg = events.cell_lat_deg[found.cell], events.cell_lon_deg[found.cell]
    is_known = ~np.isnan(lat_deg)
    segment, weight = found.segment[is_known], found.half_hours[is_known]
    lat_deg, lon_deg = lat_deg[is_known], lon_deg[is_known]
    reference_deg = np.zeros(size)
    reference_deg[segment] = lon_deg
    # Degrees are averaged as bandicoot does, but on the near side of the antimeridian.
    lon_deg = reference_deg[segment] + (lon_deg - reference_deg[segment] + 180) % 360 - 180
    total = totals(segment, size, weight)
    centre_lat_deg = ratio(totals(segment, size, weight * lat_deg), total)[segment]
    centre_lon_deg = ratio(totals(segment, size, weight * lon_deg), total)[segment]
    away_km = great_circle_km(lat_deg, lon_deg, centre_lat_deg, centre_lon_deg)
    return np.sqrt(ratio(totals(segment, size, weight * away_km**2), total))


def great_circle_km(lat_deg: Floats, lon_deg: Floats, to_lat: Floats, to_lon: Floats) -> Floats:
    """Return the haversine distance on a sphere of 6,371 km.

    Examples
    --------
    >>> brussels, paris = np.array([50.8503]), np.array([48.8566])
    >>> away_km = great_circle_km(brussels, np.array([4.3517]), paris, np.array([2.3522]))
    >>> round(float(away_km[0]), 6)
    263.975416
    """
    lat, lon, lat_2, lon_2 = (np.radians(value) for value in (lat_deg, lon_deg, to_lat, to_lon))
    chord = np.sin((lat - lat_2) / 2) ** 2
    chord = chord + np.cos(lat) * np.cos(lat_2) * np.sin((lon - lon_2) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1))))
