"""Who subscribers are, and what they do in all."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from loaders.transforms.columns import beside, day, latest, total
from loaders.transforms.tie import ends

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
    "unlocated_events",
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


def attributes(subscribers: Table) -> Table:
    """Return one row per subscriber with the latest stated value of every attribute.

    Each attribute is decided alone, because a source may know only some. Of two values of the
    same date the greater one counts: any rule would do, as long as the order of loading has no
    say.
    """
    return subscribers.group_by("subscriber_id").agg(
        **{name: latest(subscribers[name], subscribers.as_of) for name in ATTRIBUTES}
    )


def traffic(events: Table, located: Table) -> Table:
    """Return one row per subscriber: all that went out and came in.

    Parameters
    ----------
    located : Table
        What ``presences`` returns, joined with the places of its cells.
    """
    both = ends(events)
    outgoing = both.is_outgoing
    totals = both.group_by("subscriber_id").agg(
        events=both.count(),
        contacts=both.counterpart_id.nunique(),
        calls_out=total(both.is_call & outgoing),
        calls_in=total(both.is_call & ~outgoing),
        missed_out=total(both.is_missed & outgoing),
        missed_in=total(both.is_missed & ~outgoing),
        duration_out_s=total(both.duration_s, outgoing),
        duration_in_s=total(both.duration_s, ~outgoing),
        messages_out=total(~both.is_call & outgoing),
        messages_in=total(~both.is_call & ~outgoing),
        active_days=day(both.at).nunique(),
        first_at=both.at.min(),
        last_at=both.at.max(),
    )
    places = located.group_by("subscriber_id").agg(located_events=located.count())
    joined = beside(totals, places)
    located_events = joined.located_events.fill_null(0)
    return joined.mutate(
        located_events=located_events, unlocated_events=joined.events - located_events
    )


def counted(subscribers: Table) -> Table:
    """Return the subscribers with 0 for every count of one who was never active."""
    return subscribers.mutate(**{name: subscribers[name].fill_null(0) for name in COUNTS})
