"""The calls and messages of some subscribers, and how they fall into days, weeks and nights."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from graph.behaviour.arrays import Floats, Ints, Mask, ordered, runs
from graph.errors import BadInput

GroupBy = Literal["day", "week", "month", "year", "none"]
PartOfWeek = Literal["all", "weekday", "weekend"]
PartOfDay = Literal["all", "day", "night"]
Interaction = Literal["both", "call", "text"]

SCHEMA = pa.schema(
    [
        ("subscriber_id", pa.string()),
        ("counterpart_id", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("is_call", pa.bool_()),
        ("is_outgoing", pa.bool_()),
        ("duration_s", pa.int64()),
        ("cell_id", pa.string()),
        ("lat_deg", pa.float64()),
        ("lon_deg", pa.float64()),
    ]
)

SECOND_US = 1_000_000
_MINUTE_US, _DAY_US = 60 * SECOND_US, 86_400 * SECOND_US
_HALF_HOUR_US = 30 * _MINUTE_US
_NIGHT_ENDS_US, _NIGHT_BEGINS_US = 7 * 60 * _MINUTE_US, 19 * 60 * _MINUTE_US
_FIRST_WEEKEND_DAY = 5  # Saturday, where Monday is 0
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Slice:
    """Which of the events count."""

    part_of_week: PartOfWeek = "all"
    part_of_day: PartOfDay = "all"
    interaction: Interaction = "both"


@dataclass(frozen=True)
class Events:
    """Columns of ``SCHEMA`` as arrays, sorted by subscriber and instant.

    Attributes
    ----------
    subscriber_ids, contact_ids : pa.Array
        Who is behind the numbers in ``subscriber`` and ``contact``.
    at_us : Ints
        Microseconds since 1970 in UTC.
    duration_s : Ints
        -1 where there is none.
    cell : Ints
        -1 where it is unknown; else a number to look up in ``cell_lat_deg`` and ``cell_lon_deg``,
        which are NaN where the position is unknown.
    """

    subscriber_ids: pa.Array
    contact_ids: pa.Array
    subscriber: Ints
    contact: Ints
    at_us: Ints
    is_call: Mask
    is_outgoing: Mask
    duration_s: Ints
    cell: Ints
    cell_lat_deg: Floats
    cell_lon_deg: Floats

    @classmethod
    def of(cls, table: pa.Table) -> "Events":
        """Return the events of a table with the columns of ``SCHEMA``, in its order.

        Texts may be dictionaries; that of the subscribers is then sorted and has no other.
        """
        rows = table.combine_chunks()
        subscriber, subscriber_ids = _coded(rows["subscriber_id"])
        contact, contact_ids = _coded(rows["counterpart_id"])
        cell, cell_ids = _coded(rows["cell_id"])
        example = np.zeros(len(cell_ids), np.int64)
        example[cell[cell >= 0]] = np.flatnonzero(cell >= 0)
        return cls(
            subscriber_ids,
            contact_ids,
            subscriber,
            contact,
            rows["at"].cast(pa.int64()).to_numpy(),
            rows["is_call"].to_numpy(),
            rows["is_outgoing"].to_numpy(),
            rows["duration_s"].fill_null(-1).to_numpy(),
            cell,
            rows["lat_deg"].cast(pa.float64()).fill_null(np.nan).to_numpy()[example],
            rows["lon_deg"].cast(pa.float64()).fill_null(np.nan).to_numpy()[example],
        )

    def __len__(self) -> int:
        return len(self.at_us)

    def take(self, rows: Ints) -> "Events":
        """Return some of the events."""
        by_event = (
            "subscriber",
            "contact",
            "at_us",
            "is_call",
            "is_outgoing",
            "duration_s",
            "cell",
        )
        return replace(self, **{name: getattr(self, name)[rows] for name in by_event})


class Periods:
    """Events in the calendar of a time zone, each in its period of a subscriber.

    A *segment* is a subscriber's period with at least one event; segments are numbered by
    subscriber and time, and events are sorted by segment and instant.
    """

    def __init__(self, events: Events, time_zone: str, group_by: GroupBy) -> None:
        local_us = local(events.at_us, time_zone)
        period = _period(local_us // _DAY_US, group_by)
        if (np.diff(events.subscriber) == 0)[np.diff(local_us) < 0].any():
            # The clock was set back; days and half hours must still come in one piece.
            order = np.lexsort((local_us, events.subscriber))
            events, local_us, period = events.take(order), local_us[order], period[order]
        self.events = events
        self.day = local_us // _DAY_US
        self.half_hour = local_us // _HALF_HOUR_US
        self.segment, first = runs(events.subscriber, period)
        self.owner = events.subscriber[first]
        self.size = len(first)
        time_us = local_us % _DAY_US
        self.is_weekend: Mask = (self.day + _EPOCH_WEEKDAY) % 7 >= _FIRST_WEEKEND_DAY
        # Both ends belong to the night, as in bandicoot.
        self.is_night: Mask = (time_us <= _NIGHT_ENDS_US) | (time_us >= _NIGHT_BEGINS_US)

    def chosen(self, wanted: Slice) -> Mask:
        """Return which of the events a slice has."""
        mask = np.ones(len(self.events), np.bool_)
        if wanted.part_of_week != "all":
            mask &= self.is_weekend == (wanted.part_of_week == "weekend")
        if wanted.part_of_day != "all":
            mask &= self.is_night == (wanted.part_of_day == "night")
        if wanted.interaction != "both":
            mask &= self.events.is_call == (wanted.interaction == "call")
        return mask

    @cached_property
    def in_ties(self) -> Ints:
        """The events' order by segment, contact and instant."""
        return ordered(self.segment, self.events.contact)

    @cached_property
    def tie(self) -> tuple[Ints, Ints]:
        """Every event's number of (segment, contact), and the segment of each such number."""
        order = self.in_ties
        sorted_codes, first = runs(self.segment[order], self.events.contact[order])
        codes = np.empty_like(sorted_codes)
        codes[order] = sorted_codes
        return codes, self.segment[order[first]]

    @cached_property
    def active_day(self) -> tuple[Ints, Ints]:
        """Every event's number of (segment, day), and the segment of each such number."""
        codes, first = runs(self.segment, self.day)
        return codes, self.segment[first]


def local(at_us: Ints, time_zone: str) -> Ints:
    """Return what a zone's clocks show at instants, in microseconds since 1970 by them."""
    return at_us + _offsets_us(at_us, time_zone)


def check_time_zone(name: str) -> None:
    """Refuse a name that is no time zone's.

    Raises
    ------
    BadInput
        There is no such zone.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput("the time zone is not one of IANA's, such as Europe/Zurich") from error


def _coded(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), encoded.dictionary


def _period(day: Ints, group_by: GroupBy) -> Ints:
    if group_by == "day":
        return day
    if group_by == "week":
        return (day + _EPOCH_WEEKDAY) // 7  # weeks begin on Monday, as those of ISO 8601
    if group_by == "none":
        return np.zeros_like(day)
    unit = "datetime64[M]" if group_by == "month" else "datetime64[Y]"
    return np.asarray(day.astype("datetime64[D]").astype(unit).astype(np.int64))


def _offsets_us(at_us: Ints, time_zone: str) -> Ints:
    """Return how far the zone's clock is ahead of UTC at each instant."""
    if time_zone == "UTC":
        return np.zeros_like(at_us)
    zone = ZoneInfo(time_zone)
    minutes, which = np.unique(at_us // _MINUTE_US, return_inverse=True)
    days, day_of = np.unique(minutes // (24 * 60), return_inverse=True)
    begins = np.array([_offset_us(day * _DAY_US, zone) for day in days.tolist()], np.int64)
    ends = np.array([_offset_us((day + 1) * _DAY_US, zone) for day in days.tolist()], np.int64)
    offsets = begins[day_of]
    # Only on the days on which the clock is set does every minute need its own answer.
    for index in np.flatnonzero((begins != ends)[day_of]):
        offsets[index] = _offset_us(int(minutes[index]) * _MINUTE_US, zone)
    return np.asarray(offsets[which])


def _offset_us(at_us: int, zone: ZoneInfo) -> int:
    offset = (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)
