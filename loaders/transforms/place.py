"""Where subscribers were seen, and where they live and work."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false
# pyright: reportCallIssue=false

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import Column, Table

from loaders.kinds import KINDS
from loaders.transforms.columns import total
from loaders.transforms.tie import ends

NIGHT_BEGINS_S, NIGHT_ENDS_S = 19 * 3600, 7 * 3600  # of local time, in seconds since midnight
WORK_BEGINS_S, WORK_ENDS_S = 9 * 3600, 17 * 3600
LEAST_DAYS = 3
LEAST_SHARE = 0.3
_DAY_S = 86_400
_THURSDAY = 3  # the day of the week of 1 January 1970, counted from Monday
_SATURDAY = 5
_PLACE_OF = ["subscriber_id", "h3"]
CELL = (
    "lat_deg",
    "lon_deg",
    "azimuth_deg",
    "beam_deg",
    "range_m",
    "technology",
    "coverage",
    "valid_from",
    "valid_to",
)
CELL_FACTS = ("cell_id", "namespace", *CELL, "site_id")

Clock = Callable[[Column], Column]


def cells(reported: Table) -> Table:
    """Return every version of every cell once, a cell's beside each other, the oldest first.

    The order is by valid_from (an open one is the oldest), valid_to (an open one is the newest)
    and then by all the rest, so that no two versions are equal in it.
    """
    columns = [*(column.name for column in KINDS["cells"].columns), "namespace"]
    rest = [name for name in columns if name not in ("cell_id", "valid_from", "valid_to")]
    versions = reported.select(columns).distinct()
    return versions.order_by(
        versions.cell_id.asc(),
        versions.valid_from.asc(nulls_first=True),
        versions.valid_to.asc(),
        *(versions[name].asc() for name in rest),
    )


def sites(named: Table, reported: Table) -> Table:
    """Return a row per site; of several positions or names, the greatest, latitude first."""
    facts = ["lat_deg", "lon_deg", "name"]
    wanted = reported.semi_join(named, "site_id")
    greatest_first = [wanted[name].desc() for name in facts]
    ranks = ibis.row_number().over(group_by=wanted.site_id, order_by=greatest_first)
    best = wanted.mutate(rank=ranks).filter(lambda ranked: ranked["rank"] == 0)
    return named.left_join(best.select("site_id", *facts), "site_id").drop("site_id_right")


def sightings(events: Table, sessions: Table, locations: Table) -> Table:
    """Return when a subscriber was seen, by a cell or at a place.

    Returns
    -------
    Table
        subscriber_id, at, is_contact (whether by a call or a message), cell_id, h3; one of the
        last two is there, and where both are, the place counts.
    """
    both, nowhere = ends(events), ibis.null("int64")
    every = ibis.union(
        both.select("subscriber_id", "at", is_contact=True, cell_id=both.cell_id, h3=nowhere),
        sessions.select(
            "subscriber_id",
            at=sessions.started_at,
            is_contact=False,
            cell_id=sessions.cell_id,
            h3=nowhere,
        ),
        locations.select(
            "subscriber_id",
            at=locations.seen_at,
            is_contact=False,
            cell_id=locations.cell_id,
            h3=locations.h3,
        ),
    )
    return every.filter(every.cell_id.notnull() | every.h3.notnull())


def presences(seen: Table, spans: Table) -> Table:
    """Return when a subscriber was at which place: subscriber_id, at, is_contact, h3.

    Parameters
    ----------
    seen : Table
        What ``sightings`` returns.
    spans : Table
        Which place stands for a cell from when to when: ``loaders.coverage.versions.SPANS``.
    """
    columns = ["subscriber_id", "at", "is_contact", "h3"]
    placed = seen.filter(seen.h3.notnull()).select(columns)
    by_cell = seen.filter(seen.h3.isnull()).drop("h3")
    at_cells = by_cell.join(
        spans,
        [
            by_cell.cell_id == spans.cell_id,
            by_cell.at >= spans.since,
            by_cell.at < spans.until,
        ],
    )
    return at_cells.select(columns).union(placed)


def visits(located: Table) -> Table:
    """Return one row per subscriber and place.

    A visit is a run of consecutive records at one place; it lasts from its first record to its
    last. Records of the same instant are taken in the order of their places' indexes.
    """
    order = ibis.window(group_by=located.subscriber_id, order_by=[located.at, located.h3])
    steps = located.mutate(
        previous_h3=located.h3.lag().over(order), previous_at=located.at.lag().over(order)
    )
    stays = steps.previous_h3 == steps.h3
    lasted_s = (steps.at.epoch_seconds() - steps.previous_at.epoch_seconds()).cast("int64")
    return steps.group_by(_PLACE_OF).agg(
        events=steps.count(),
        visits=total(~stays.fill_null(False)),
        dwell_s=total(lasted_s, stays),
        first_at=steps.at.min(),
        last_at=steps.at.max(),
    )


def homes(located: Table, clock: Clock) -> Table:
    """Return where subscribers live: the place of most nights, from 19:00 to 7:00 local time.

    A night counts once for every place where the subscriber was seen in it. Equal nights go to the
    place with more records in them, and equal records to the lower index. There is no home without
    3 nights with a record at all, nor where the best place has fewer than 3 of 10 of them.

    Returns
    -------
    Table
        subscriber_id, h3, days (nights there), active_days (nights with a record anywhere), share
        (their ratio), records (there, at night), candidates (places with a record at night).

    References
    ----------
    The night and the place of most records are bandicoot's (de Montjoye, Rocher, Pentland, JMLR 17,
    2016), the count of days is cider's; thresholds and ties are ours.
    """
    seen = located.mutate(local_s=clock(located.at))
    time_s = seen.local_s % _DAY_S
    at_night = seen.filter((time_s >= NIGHT_BEGINS_S) | (time_s < NIGHT_ENDS_S))
    evening = _day(at_night.local_s - NIGHT_ENDS_S)
    return _usual(_stays(at_night, evening))


def works(located: Table, homes: Table, clock: Clock) -> Table:
    """Return where subscribers work: the place of most weekdays, 9:00 to 17:00, but not the home.

    Weekdays are Monday to Friday. All else is as for ``homes``, whose columns are returned; days
    with records at home count among the active ones.
    """
    seen = located.mutate(local_s=clock(located.at))
    time_s, weekday = seen.local_s % _DAY_S, (_day(seen.local_s) + _THURSDAY) % 7
    at_work = seen.filter(
        (weekday < _SATURDAY) & (time_s >= WORK_BEGINS_S) & (time_s < WORK_ENDS_S)
    )
    return _usual(_stays(at_work, _day(at_work.local_s)), homes)


def _stays(seen: Table, day: Column) -> Table:
    """Return how many records each subscriber has at each place on each day."""
    return seen.group_by(*_PLACE_OF, day=day).agg(records=seen.count())


def _usual(stays: Table, excepted: Table | None = None) -> Table:
    """Return the place with most days of each subscriber, if it is one."""
    days = stays.select("subscriber_id", "day").distinct()
    active = days.group_by("subscriber_id").agg(active_days=days.count())
    places = stays.group_by(_PLACE_OF).agg(days=stays.count(), records=total(stays.records))
    if excepted is not None:
        places = places.anti_join(excepted, _PLACE_OF)
    of_one = ibis.window(group_by=places.subscriber_id)
    best_first = [places.days.desc(), places.records.desc(), places.h3.asc()]
    ranked = places.mutate(
        candidates=places.count().over(of_one),
        rank=ibis.row_number().over(of_one.order_by(best_first)),
    )
    best = ranked.filter(ranked.rank == 0).drop("rank").join(active, "subscriber_id")
    told = best.mutate(share=best.days / best.active_days)
    return told.filter((told.active_days >= LEAST_DAYS) & (told.share >= LEAST_SHARE))


def local_clock(zone: str, first: datetime, last: datetime) -> Clock:
    """Return what makes seconds of local time since 1970 of an instant.

    Parameters
    ----------
    zone : str
        IANA name, such as Europe/Tallinn.
    first, last : datetime
        Between which the instants lie; changes of the clock are looked up for this time only.
    """
    turns, latest = _turns(ZoneInfo(zone), first, last)

    def local_s(at: Column) -> Column:
        kind = at.type()
        branches = [(at < ibis.literal(turn).cast(kind), offset_s) for turn, offset_s in turns]
        offset_s = ibis.cases(*branches, else_=latest) if branches else latest
        return at.epoch_seconds().floor().cast("int64") + offset_s

    return local_s


def _turns(
    zone: ZoneInfo, first: datetime, last: datetime
) -> tuple[list[tuple[datetime, int]], int]:
    """Return until when which offset from UTC holds, in seconds, and the last one."""
    turns = []
    hour, now_s = first.replace(minute=0, second=0, microsecond=0), _offset_s(zone, first)
    while hour < last:
        after = hour + timedelta(days=1)
        if _offset_s(zone, after) != now_s:
            while _offset_s(zone, hour) == now_s:
                hour += timedelta(minutes=15)
            turns.append((hour, now_s))
            now_s = _offset_s(zone, hour)
        else:
            hour = after
    return turns, now_s


def _offset_s(zone: ZoneInfo, at: datetime) -> int:
    return round((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())


def _day(local_s: Column) -> Column:
    """Return the day of local time, counted from 1 January 1970."""
    return (local_s // _DAY_S).cast("int32")
