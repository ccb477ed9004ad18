"""When and where somebody usually is active: the hours of their week, and places by part of day.

All is counted, and nothing inferred: an event is a call, a message or the beginning of a data
session. Days on which there was one are counted beside events, because habit shows in how many days
have it, and not in how much there was on one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa

from graph.behaviour.arrays import Floats, Ints
from graph.behaviour.events import SECOND_US, local
from graph.behaviour.history import Manifest, read_sessions
from graph.raster import FINEST_RESOLUTION

PARTS = ("night", "morning", "afternoon", "evening")  # six hours each, from midnight
MOST_PLACES = 3
_HOUR_US = 3_600 * SECOND_US
_HOURS_PER_PART = 24 // len(PARTS)
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0
_FIRST_WEEKEND_DAY = 5


@dataclass(frozen=True)
class HabitHour:
    """An hour of the week with events.

    Attributes
    ----------
    weekday : int
        1 (Monday) to 7, as in ISO 8601.
    hour : int
        0 to 23.
    days : int
        Days with an event at that hour.
    """

    weekday: int
    hour: int
    calls: int
    messages: int
    sessions: int
    days: int


@dataclass(frozen=True)
class HabitPlace:
    """A place of the finest size where somebody was active at a part of the day.

    Attributes
    ----------
    share : float
        Of the events of that part of which it is known where, in (0, 1].
    """

    h3: str
    share: float
    events: int
    days: int


@dataclass(frozen=True)
class HabitPart:
    """A part of the day, and where somebody is active then, the most days first.

    Attributes
    ----------
    share : float
        Of all events, from 0 to 1.
    """

    part: str
    share: float
    events: int
    days: int
    places: Sequence[HabitPlace]


@dataclass(frozen=True)
class Habits:
    """What somebody's events tell of their time.

    Attributes
    ----------
    weekend_share : float
        Of all events, on Saturdays and Sundays: 2/7 where days do not differ.
    """

    calls: int
    messages: int
    sessions: int
    days: int
    weekend_share: float
    hours: Sequence[HabitHour]
    parts: Sequence[HabitPart]


@dataclass(frozen=True)
class Stored:
    """Habits as of the last analysis; None: it has no event of theirs."""

    as_of: datetime
    time_zone: str
    habits: Habits | None


def stored_habits(folder: Path, subscriber_id: str, manifest: Manifest, events: pa.Table) -> Stored:
    """Return the habits of somebody from the stored histories.

    Parameters
    ----------
    manifest, events
        What ``read_events`` returns of them.

    Raises
    ------
    NotAnalysed
        There are none yet.
    """
    sessions = read_sessions(folder, manifest, subscriber_id)
    found = habits(events, sessions, manifest.time_zone)
    return Stored(manifest.as_of, manifest.time_zone, found)


def habits(events: pa.Table, sessions: pa.Table, time_zone: str) -> Habits | None:
    """Return the habits of one person; None where nothing is known.

    Parameters
    ----------
    events, sessions : pa.Table
        With the columns of ``graph.behaviour.events.SCHEMA`` and ``history.SESSIONS``.
    time_zone : str
        IANA's name of the zone in which hours and days begin.
    """
    if not len(events) + len(sessions):
        return None
    at_us = np.concatenate([_at_us(events), _at_us(sessions)])
    is_message = ~events["is_call"].to_numpy()
    kind = np.concatenate([is_message.astype(np.int64), np.full(len(sessions), 2)])
    hour = local(at_us, time_zone) // _HOUR_US
    day = hour // 24
    weekday = (day + _EPOCH_WEEKDAY) % 7
    calls, messages, begun = np.bincount(kind, minlength=3).tolist()
    return Habits(
        calls,
        messages,
        begun,
        len(np.unique(day)),
        float(np.mean(weekday >= _FIRST_WEEKEND_DAY)),
        _hours(weekday * 24 + hour % 24, kind, day),
        _parts(hour % 24 // _HOURS_PER_PART, day, _places(events, sessions)),
    )


def _hours(hour_of_week: Ints, kind: Ints, day: Ints) -> list[HabitHour]:
    found = []
    for number in np.unique(hour_of_week).tolist():
        there = hour_of_week == number
        calls, messages, sessions = np.bincount(kind[there], minlength=3).tolist()
        weekday, hour = divmod(number, 24)
        days = len(np.unique(day[there]))
        found.append(HabitHour(weekday + 1, hour, calls, messages, sessions, days))
    return found


def _parts(part: Ints, day: Ints, place: Ints) -> list[HabitPart]:
    found = []
    for number, name in enumerate(PARTS):
        there = part == number
        events, days = int(there.sum()), len(np.unique(day[there]))
        places = _usual_places(place[there], day[there])
        found.append(HabitPart(name, events / len(part), events, days, places))
    return found


def _usual_places(place: Ints, day: Ints) -> list[HabitPlace]:
    is_known = place > 0
    known, total = place[is_known], int(is_known.sum())
    found = []
    for one in np.unique(known).tolist():
        events, days = int((known == one).sum()), len(np.unique(day[place == one]))
        found.append(HabitPlace(h3.int_to_str(one), events / total, events, days))
    return sorted(found, key=lambda one: (-one.days, -one.events, one.h3))[:MOST_PLACES]


def _places(events: pa.Table, sessions: pa.Table) -> Ints:
    """Return the finest place of each event as a number; 0 where it is unknown."""
    lat_deg, lon_deg = (
        np.concatenate([_degrees(events, name), _degrees(sessions, name)])
        for name in ("lat_deg", "lon_deg")
    )
    spots, which = np.unique(np.stack([lat_deg, lon_deg], 1), axis=0, return_inverse=True)
    numbers = [
        0
        if np.isnan(spot).any()
        else h3.str_to_int(h3.latlng_to_cell(spot[0], spot[1], FINEST_RESOLUTION))
        for spot in spots
    ]
    return np.array(numbers, np.int64)[which.reshape(-1)]


def _degrees(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows[name].cast(pa.float64()).fill_null(np.nan).to_numpy(), np.float64)


def _at_us(rows: pa.Table) -> Ints:
    return np.asarray(rows["at"].cast(pa.int64()).to_numpy(), np.int64)
