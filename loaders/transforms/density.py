"""Who was where in each hour."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

import ibis
from ibis.expr.types import Table


def hourly(presences: Table) -> Table:
    """Return where everybody was seen last in each hour: hour, h3, subscriber_id.

    Of places at the same instant the one of the lower index counts.

    Parameters
    ----------
    presences : Table
        What ``loaders.transforms.place.presences`` returns.
    """
    seen = presences.mutate(hour=presences["at"].truncate("h"))
    of_one = ibis.window(
        group_by=[seen.subscriber_id, seen.hour], order_by=[seen["at"].desc(), seen.h3.asc()]
    )
    ranked = seen.mutate(rank=ibis.row_number().over(of_one))
    return ranked.filter(ranked["rank"] == 0).select("hour", "h3", "subscriber_id")
