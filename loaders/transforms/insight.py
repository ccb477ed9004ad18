"""Who used which app when and where."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from ibis.expr.types import Table

from loaders.transforms.columns import day, total


def active_days(sessions: Table) -> Table:
    """Return one row per app, subscriber and day (UTC) on which a session names the app."""
    named = sessions.filter(sessions.app_id.notnull())
    return named.group_by("app_id", "subscriber_id", on=day(named.started_at)).agg(
        sessions=named.count(), duration_s=total(named.duration_s)
    )


def cells_of_use(sessions: Table) -> Table:
    """Return each app, subscriber and cell that a session names together."""
    named = sessions.filter(sessions.app_id.notnull() & sessions.cell_id.notnull())
    return named.select("app_id", "subscriber_id", "cell_id").distinct()
