"""Calls, messages and stated ties: who is in touch with whom."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Callable

import ibis
from ibis.expr.types import Column, Table

from loaders.transforms.columns import day, total

_SUMS = ("events", "calls", "missed", "messages", "duration_s")
_HOUR_S, _DAY_S = 3_600, 86_400


def interactions(calls: Table, messages: Table) -> Table:
    """Return one row per call or message, whichever end reported it.

    Both ends of a call may report it, each with its own cell: that is one event with two cells.

    Returns
    -------
    Table
        caller_id, callee_id, at, is_call, is_missed, duration_s (0 where there is
        none), caller_cell_id, callee_cell_id (the greatest that any report names).
    """
    call_events = calls.group_by(
        caller_id=calls.caller_id,
        callee_id=calls.callee_id,
        at=calls.started_at,
        is_call=ibis.literal(True),
        is_missed=~calls.is_answered,
        duration_s=calls.duration_s.fill_null(0),
    ).agg(
        caller_cell_id=calls.caller_cell_id.max(),
        callee_cell_id=calls.callee_cell_id.max(),
    )
    message_events = messages.group_by(
        caller_id=messages.sender_id,
        callee_id=messages.recipient_id,
        at=messages.sent_at,
        is_call=ibis.literal(False),
        is_missed=ibis.literal(False),
        duration_s=ibis.literal(0, type=call_events.duration_s.type()),
    ).agg(
        caller_cell_id=messages.sender_cell_id.max(),
        callee_cell_id=messages.recipient_cell_id.max(),
    )
    return call_events.union(message_events)


def days(events: Table) -> Table:
    """Return one row per directed pair of subscribers and day (UTC) on which they were in touch.

    All that is counted of a pair or of a subscriber is a sum over these.
    """
    return events.group_by("caller_id", "callee_id", day=day(events.at)).agg(
        events=events.count(),
        calls=total(events.is_call),
        missed=total(events.is_missed),
        messages=total(~events.is_call),
        duration_s=total(events.duration_s),
        first_at=events.at.min(),
        last_at=events.at.max(),
    )


def contacts(days: Table) -> Table:
    """Return one row per directed pair of subscribers: what the first did towards the second."""
    return days.group_by("caller_id", "callee_id").agg(
        **{name: total(days[name]) for name in _SUMS},
        active_days=days.count(),
        first_at=days.first_at.min(),
        last_at=days.last_at.max(),
    )


def friendships(ties: Table) -> Table:
    """Return each stated tie of a kind once, from the smaller pseudonym to the greater."""
    return ties.select(
        subscriber_id=ibis.least(ties.subscriber_id, ties.other_id),
        other_id=ibis.greatest(ties.subscriber_id, ties.other_id),
        kind=ties.kind,
        source=ties.namespace,
    ).distinct()


def ends(events: Table) -> Table:
    """Return every event twice, as each of its two ends saw it."""
    shared = ("at", "is_call", "is_missed", "duration_s")
    caller = events.select(
        *shared,
        subscriber_id=events.caller_id,
        counterpart_id=events.callee_id,
        cell_id=events.caller_cell_id,
        is_outgoing=ibis.literal(True),
    )
    callee = events.select(
        *shared,
        subscriber_id=events.callee_id,
        counterpart_id=events.caller_id,
        cell_id=events.callee_cell_id,
        is_outgoing=ibis.literal(False),
    )
    return caller.union(callee)


def ties_of_day(events: Table, local_s: Callable[[Column], Column]) -> Table:
    """Return one row per directed pair: what the first did towards the second on a day.

    Besides sums there are ``night`` (events from 19 to 7 o'clock), ``weekend`` (Saturday and
    Sunday), ``office`` (Monday to Friday from 9 to 17) and both instants in microseconds since
    1970.

    Parameters
    ----------
    local_s : callable
        Makes seconds of local time since 1970 of an instant.
    """
    now_s = local_s(events.at)
    hour = now_s % _DAY_S // _HOUR_S
    weekday = (now_s // _DAY_S + 3) % 7  # 1 January 1970 was a Thursday
    timed = events.mutate(
        is_night=(hour >= 19) | (hour < 7),
        is_weekend=weekday >= 5,
        is_office=(weekday < 5) & (hour >= 9) & (hour < 17),
        at_us=events.at.epoch_seconds().floor().cast("int64") * 1_000_000
        + events.at.microsecond() % 1_000_000,
    )
    return timed.group_by("caller_id", "callee_id").agg(
        calls=total(timed.is_call),
        missed=total(timed.is_missed),
        messages=total(~timed.is_call),
        duration_s=total(timed.duration_s),
        night=total(timed.is_night),
        weekend=total(timed.is_weekend),
        office=total(timed.is_office),
        first_at=timed.at_us.min(),
        last_at=timed.at_us.max(),
    )
