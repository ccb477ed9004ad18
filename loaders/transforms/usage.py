"""What subscribers do with their data: sessions by app, service and device, and the apps."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from ibis.expr.types import Table

from loaders.transforms.columns import described, total

APP = ("name", "category", "maker")
USE = ("sessions", "duration_s", "volume_up_bytes", "volume_down_bytes", "first_at", "last_at")
COUNTS = ("sessions", "data_duration_s", "volume_up_bytes", "volume_down_bytes")


def uses(sessions: Table) -> Table:
    """Return one row per subscriber, app, service and model of device that sessions name together.

    All that is counted of sessions is a sum over these, which are far fewer. One record is one
    session; a duration or a volume that it does not state adds nothing.
    """
    return sessions.group_by("subscriber_id", "app_id", "tac", service_id=sessions.service).agg(
        sessions=sessions.count(),
        duration_s=total(sessions.duration_s),
        volume_up_bytes=total(sessions.volume_up_bytes),
        volume_down_bytes=total(sessions.volume_down_bytes),
        first_at=sessions.started_at.min(),
        last_at=sessions.started_at.max(),
    )


def uses_of(uses: Table, what: str) -> Table:
    """Return one row per subscriber and app, or service; sessions that name none are left out.

    Parameters
    ----------
    what : str
        ``app_id`` or ``service_id``.
    """
    named = uses.filter(uses[what].notnull())
    return named.group_by("subscriber_id", what).agg(
        sessions=total(named.sessions),
        duration_s=total(named.duration_s),
        volume_up_bytes=total(named.volume_up_bytes),
        volume_down_bytes=total(named.volume_down_bytes),
        first_at=named.first_at.min(),
        last_at=named.last_at.max(),
    )


def totals(uses: Table) -> Table:
    """Return one row per subscriber: all sessions together, whatever they name."""
    return uses.group_by("subscriber_id").agg(
        sessions=total(uses.sessions),
        data_duration_s=total(uses.duration_s),
        volume_up_bytes=total(uses.volume_up_bytes),
        volume_down_bytes=total(uses.volume_down_bytes),
        data_first_at=uses.first_at.min(),
        data_last_at=uses.last_at.max(),
    )


def apps(named: Table, reported: Table) -> Table:
    """Return one row per app that is named, with what is known of it."""
    return described(named, reported, "app_id", *APP)
