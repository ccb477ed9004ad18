"""Which models of device there are, and who has one."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from ibis.expr.types import Table

from loaders.transforms.columns import described

DEVICE = ("maker", "model", "operating_system", "kind")


def devices(named: Table, reported: Table) -> Table:
    """Return one row per model of device that is named, with what is known of it."""
    return described(named, reported, "tac", *DEVICE)


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
