"""What a model of churn is learned from, counted by subscriber and day."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from loaders.transforms import tie
from loaders.transforms.columns import beside, day, total
from loaders.transforms.subscriber import attributes, people

_NAMED = {  # kind: its columns with subscribers
    "subscribers": ("subscriber_id",),
    "calls": ("caller_id", "callee_id"),
    "messages": ("sender_id", "recipient_id"),
    "sessions": ("subscriber_id",),
}
FACTS = ("birth_year", "plan", "segment", "gender", "joined_on")


def numbered(tables: Mapping[str, Table]) -> Table:
    """Return everybody, in the order of keys: subscriber_id, position (from 0)."""
    named = people([(tables[kind], name) for kind, names in _NAMED.items() for name in names])
    position = ibis.row_number().over(order_by=named.subscriber_id)
    return named.select("subscriber_id", position=position)


def ties(tables: Mapping[str, Table], everybody: Table) -> Table:
    """Return calls and messages by pairs and days: caller, callee, day, events, last_at."""
    days = tie.days(tie.interactions(tables["calls"], tables["messages"]))
    callers = everybody.select(caller_id=everybody.subscriber_id, caller=everybody.position)
    callees = everybody.select(callee_id=everybody.subscriber_id, callee=everybody.position)
    placed = days.join(callers, "caller_id").join(callees, "callee_id")
    return placed.select("caller", "callee", "day", "events", "last_at")


def sessions(tables: Mapping[str, Table], everybody: Table) -> Table:
    """Return data sessions by subscriber and day: position, day, sessions, volume_bytes."""
    rows = tables["sessions"]
    volume = rows.volume_up_bytes.fill_null(0) + rows.volume_down_bytes.fill_null(0)
    counted = rows.mutate(volume=volume, day=day(rows.started_at))
    by_day = counted.group_by("subscriber_id", "day").agg(
        sessions=counted.count(), volume_bytes=total(counted.volume)
    )
    return _placed(by_day, everybody)


def touchpoints(tables: Mapping[str, Table], everybody: Table) -> Table:
    """Return contacts with the operator: position, day, touchpoints, help_requests."""
    rows = tables["touchpoints"]
    by_day = rows.group_by("subscriber_id", day=day(rows.at)).agg(
        touchpoints=rows.count(), help_requests=total(rows.stage == "get_help")
    )
    return _placed(by_day, everybody)


def payments(tables: Mapping[str, Table], everybody: Table) -> Table:
    """Return payments by subscriber and day: position, day, payments."""
    rows = tables["payments"]
    by_day = rows.group_by("subscriber_id", day=day(rows.paid_at)).agg(payments=rows.count())
    return _placed(by_day, everybody)


def facts(tables: Mapping[str, Table], everybody: Table) -> Table:
    """Return what is known of each, in the order of positions.

    Returns
    -------
    Table
        position, subscriber_id, is_known (some record describes them), is_churned, churned_at
        (null: it is not known when), ``FACTS``.
    """
    rows = tables["subscribers"]
    gone = rows.filter(rows.status == "churned")
    left = gone.group_by("subscriber_id").agg(churned_at=gone.as_of.max())
    latest = beside(attributes(rows), left)
    known = latest.mutate(is_known=ibis.literal(True), is_churned=latest.status == "churned")
    told = known.select("subscriber_id", "is_known", "is_churned", "churned_at", *FACTS)
    placed = beside(everybody, told)
    return placed.order_by("position")


def _placed(by_day: Table, everybody: Table) -> Table:
    return by_day.inner_join(everybody, "subscriber_id").drop("subscriber_id")
