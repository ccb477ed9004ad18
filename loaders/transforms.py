"""From records to what the graph says: Ibis expressions, table in and table out.

Nothing here names an engine, so the same code runs on DuckDB and on any other engine of Ibis.
Every total is computed from all records of its key, never added to an earlier total: applying the
same records once or five times gives the same graph.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Sequence

import ibis
from ibis.expr.types import Column, Table, Value

ATTRIBUTES = (
    "status",
    "gender",
    "birth_year",
    "is_senior",
    "has_partner",
    "has_dependents",
    "joined_on",
    "tenure_months",
    "segment",
    "plan",
)


def interactions(calls: Table, messages: Table) -> Table:
    """Return one row per call or message, whichever end reported it.

    Both ends of a call may report it, each with its own cell: that is one event with two cells.

    Returns
    -------
    Table
        namespace, caller_id, callee_id, at, is_call, is_missed, duration_s (0 where there is
        none), caller_cell_id, callee_cell_id, load_id (the greatest of its reports).
    """
    call_events = calls.group_by(
        namespace=calls.namespace,
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
        namespace=messages.namespace,
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


def contacts(events: Table) -> Table:
    """Return one row per directed pair of subscribers: what the first did towards the second."""
    return events.group_by("caller_id", "callee_id").agg(
        events=events.count(),
        calls=_sum(events.is_call),
        missed=_sum(events.is_missed),
        messages=_sum(~events.is_call),
        duration_s=_sum(events.duration_s),
        active_days=_day(events.at).nunique(),
        first_at=events.at.min(),
        last_at=events.at.max(),
    )


COUNTS = (
    "events",
    "contacts",
    "calls_out",
    "calls_in",
    "missed_out",
    "missed_in",
    "duration_out_s",
    "duration_in_s",
    "messages_out",
    "messages_in",
    "active_days",
    "located_events",
    "unlocated_events",
)


def traffic(events: Table, located: Table) -> Table:
    """Return one row per subscriber: all that went out and came in.

    Parameters
    ----------
    located : Table
        What ``presences`` returns, joined with the places of its cells.
    """
    ends = _ends(events)
    outgoing = ends.is_outgoing
    totals = ends.group_by("subscriber_id").agg(
        events=ends.count(),
        contacts=ends.counterpart_id.nunique(),
        calls_out=_sum(ends.is_call & outgoing),
        calls_in=_sum(ends.is_call & ~outgoing),
        missed_out=_sum(ends.is_missed & outgoing),
        missed_in=_sum(ends.is_missed & ~outgoing),
        duration_out_s=_sum(ends.duration_s, outgoing),
        duration_in_s=_sum(ends.duration_s, ~outgoing),
        messages_out=_sum(~ends.is_call & outgoing),
        messages_in=_sum(~ends.is_call & ~outgoing),
        active_days=_day(ends.at).nunique(),
        first_at=ends.at.min(),
        last_at=ends.at.max(),
    )
    places = located.group_by("subscriber_id").agg(located_events=located.count())
    joined = beside(totals, places)
    located_events = joined.located_events.fill_null(0)
    return joined.mutate(
        located_events=located_events, unlocated_events=joined.events - located_events
    )


def of_loads(records: Table, load_ids: frozenset[str]) -> Table:
    """Return the records that were first stored by one of the loads."""
    return records.filter(records.load_id.isin(sorted(load_ids)))


def counted(subscribers: Table) -> Table:
    """Return the subscribers with 0 for every count of one who was never active."""
    return subscribers.mutate(**{name: subscribers[name].fill_null(0) for name in COUNTS})


def beside(left: Table, right: Table) -> Table:
    """Return every subscriber of the left table, with what the right one knows of it."""
    return left.left_join(right, "subscriber_id").drop("subscriber_id_right")


def presences(events: Table, cell_places: Table) -> Table:
    """Return when a subscriber was seen at which place: subscriber_id, at, h3."""
    ends = _ends(events)
    seen = ends.filter(ends.cell_id.notnull())
    return seen.join(cell_places, "cell_id").select("subscriber_id", "at", "h3")


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
    return steps.group_by("subscriber_id", "h3").agg(
        events=steps.count(),
        visits=_sum(~stays.fill_null(False)),
        dwell_s=_sum(lasted_s, stays),
        first_at=steps.at.min(),
        last_at=steps.at.max(),
    )


def attributes(subscribers: Table) -> Table:
    """Return one row per subscriber with the latest stated value of every attribute.

    Each attribute is decided alone, because a source may know only some. Of two values of the
    same date the greater one counts: any rule would do, as long as the order of loading has no
    say.
    """
    return subscribers.group_by("subscriber_id").agg(
        **{name: _latest(subscribers[name], subscribers.as_of) for name in ATTRIBUTES}
    )


def people(tables: Sequence[tuple[Table, str]]) -> Table:
    """Return every subscriber that any record names: subscriber_id, namespace.

    Parameters
    ----------
    tables : sequence of (Table, str)
        A table with the column ``namespace``, and the name of its column with subscribers.
    """
    named = [table.select("namespace", subscriber_id=table[column]) for table, column in tables]
    return ibis.union(*named, distinct=True)


def cells(reported: Table) -> Table:
    """Return one position per cell, the one that became valid last."""
    position = reported.lat_deg.cast("string") + ibis.literal(" ") + reported.lon_deg.cast("string")
    latest = reported.group_by("cell_id", "namespace").agg(
        position=_latest(position, reported.valid_from)
    )
    parts = latest.position.split(" ")
    return latest.select(
        "cell_id",
        "namespace",
        lat_deg=parts[0].cast("float64"),
        lon_deg=parts[1].cast("float64"),
    )


def friendships(ties: Table) -> Table:
    """Return each stated tie once, from the smaller pseudonym to the greater."""
    return ties.select(
        subscriber_id=ibis.least(ties.subscriber_id, ties.other_id),
        other_id=ibis.greatest(ties.subscriber_id, ties.other_id),
        source=ties.namespace,
    ).distinct()


def packages(reported: Table) -> Table:
    """Return one row per package."""
    return reported.group_by("package_id", "namespace").agg(
        name=reported.name.max(), kind=reported.kind.max()
    )


def subscriptions(reported: Table) -> Table:
    """Return one row per subscriber and package, with its earliest start and latest end."""
    return reported.group_by("subscriber_id", "package_id").agg(
        since=reported.since.min(),
        until=reported.until.max(),
        monthly_charge_minor=reported.monthly_charge_minor.max(),
        currency=reported.currency.max(),
    )


def payments(reported: Table) -> Table:
    """Return one row per payment."""
    facts = ("subscriber_id", "amount_minor", "currency", "paid_at", "channel", "kind")
    return reported.group_by("payment_id").agg(**{name: reported[name].max() for name in facts})


def _ends(events: Table) -> Table:
    """Return every event twice, as each of its two ends saw it."""
    shared = ("namespace", "at", "is_call", "is_missed", "duration_s")
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


def _latest(value: Column, as_of: Column) -> Value:
    """Return the value of the latest date; an undated one counts as the oldest."""
    dated = as_of.cast("string").fill_null("0000")  # sorts before every year
    return value.argmax(dated + ibis.literal("|") + value.cast("string"), where=value.notnull())


def _sum(value: Column, where: Column | None = None) -> Value:
    """Return a sum, 0 where there is nothing to sum."""
    return value.sum(where=where).fill_null(0)


def _day(at: Column) -> Value:
    return at.date()
