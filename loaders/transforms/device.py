"""Which models of device there are, and who has one."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from datetime import UTC, date, datetime, timedelta

import ibis
from ibis.expr.types import Table

from loaders.transforms.columns import described

DEVICE = ("maker", "model", "operating_system", "kind")


def devices(named: Table, reported: Table) -> Table:
    """Return one row per model of device that is named, with what is known of it."""
    return described(named, reported, "tac", *DEVICE)


def owned_on(reported: Table, day: date) -> Table:
    """Return the model of each one's device on a day: the one that was got last.

    Of several that were got at once, or nobody knows when, the one that comes last by its name.
    """
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    is_got = reported.since.isnull() | (reported.since < ibis.literal(first + timedelta(days=1)))
    is_kept = reported.until.isnull() | (reported.until >= ibis.literal(first))
    latest = [reported.since.desc(nulls_first=False), reported.tac.desc()]
    rank = ibis.row_number().over(group_by="subscriber_id", order_by=latest)
    ranked = reported.filter(is_got & is_kept).mutate(rank=rank)
    return ranked.filter(ranked["rank"] == 0).select("subscriber_id", "tac")


def ownerships(reported: Table, uses: Table) -> Table:
    """Return one row per subscriber and model, from when it was first seen to when it was last.

    Whoever has a session by a device owns it as far as anybody can tell: the session's start is
    one more time that it was seen.

    Parameters
    ----------
    uses : Table
        What ``usage.uses`` returns.
    """
    by_session = uses.filter(uses.tac.notnull())
    seen = reported.select("subscriber_id", "tac", "since", "until").union(
        by_session.select(
            "subscriber_id", "tac", since=by_session.first_at, until=by_session.last_at
        )
    )
    return seen.group_by("subscriber_id", "tac").agg(since=seen.since.min(), until=seen.until.max())
