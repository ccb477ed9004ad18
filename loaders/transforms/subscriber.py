"""Who subscribers are, and what they do in all."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from loaders.transforms import usage
from loaders.transforms.columns import beside, latest, total

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
    *usage.COUNTS,
)


def people(tables: Sequence[tuple[Table, str]]) -> Table:
    """Return every subscriber that any record names: subscriber_id, namespace.

    Parameters
    ----------
    tables : sequence of (Table, str)
        A table with the column ``namespace``, and the name of its column with subscribers.
    """
    named = ibis.union(
        *(table.select("namespace", subscriber_id=table[column]) for table, column in tables)
    )
    named = named.filter(named.subscriber_id.notnull())
    return named.group_by("subscriber_id").agg(namespace=named.namespace.max())


def attributes(subscribers: Table) -> Table:
    """Return one row per subscriber with the latest stated value of every attribute.

    Each attribute is decided alone, because a source may know only some. Of two values of the
    same date the greater one counts: any rule would do, as long as the order of loading has no
    say.
    """
    return subscribers.group_by("subscriber_id").agg(
        **{name: latest(subscribers[name], subscribers.as_of) for name in ATTRIBUTES}
    )


def traffic(contacts: Table, days: Table) -> Table:
    """Return one row per subscriber: all that went out and came in.

    Parameters
    ----------
    contacts, days : Table
        What ``tie.contacts`` and ``tie.days`` return, with every row of the subscribers.
    """
    ends = _ends(contacts)
    out, back = ends.is_outgoing, ~ends.is_outgoing
    totals = ends.group_by("subscriber_id").agg(
        events=total(ends.events),
        calls_out=total(ends.calls, out),
        calls_in=total(ends.calls, back),
        missed_out=total(ends.missed, out),
        missed_in=total(ends.missed, back),
        duration_out_s=total(ends.duration_s, out),
        duration_in_s=total(ends.duration_s, back),
        messages_out=total(ends.messages, out),
        messages_in=total(ends.messages, back),
        first_at=ends.first_at.min(),
        last_at=ends.last_at.max(),
    )
    known = ends.select("subscriber_id", "counterpart_id").distinct()
    active = ibis.union(
        days.select("day", subscriber_id=days.caller_id),
        days.select("day", subscriber_id=days.callee_id),
        distinct=True,
    )
    counted = beside(totals, _counted_by(known, "contacts"))
    return beside(counted, _counted_by(active, "active_days"))


def located(presences: Table) -> Table:
    """Return one row per subscriber: of how many calls and messages it is known where."""
    return _counted_by(presences.filter(presences.is_contact), "located_events")


def counted(subscribers: Table) -> Table:
    """Return the subscribers with 0 for every count of one who was never active."""
    counts = subscribers.mutate(**{name: subscribers[name].fill_null(0) for name in COUNTS})
    return counts.mutate(unlocated_events=counts.events - counts.located_events)


def _counted_by(rows: Table, name: str) -> Table:
    return rows.group_by("subscriber_id").agg(**{name: rows.count()})


def _ends(contacts: Table) -> Table:
    """Return every pair twice, as each of its two ends sees it."""
    rest = contacts.drop("caller_id", "callee_id").columns
    caller = contacts.select(
        *rest,
        subscriber_id=contacts.caller_id,
        counterpart_id=contacts.callee_id,
        is_outgoing=ibis.literal(True),
    )
    callee = contacts.select(
        *rest,
        subscriber_id=contacts.callee_id,
        counterpart_id=contacts.caller_id,
        is_outgoing=ibis.literal(False),
    )
    return caller.union(callee)
