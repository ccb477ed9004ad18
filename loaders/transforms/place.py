"""Where subscribers were seen."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import ibis
from ibis.expr.types import Table

from loaders.transforms.columns import latest, total
from loaders.transforms.tie import ends


def cells(reported: Table) -> Table:
    """Return one position per cell, the one that became valid last."""
    position = reported.lat_deg.cast("string") + ibis.literal(" ") + reported.lon_deg.cast("string")
    last = reported.group_by("cell_id", "namespace").agg(
        position=latest(position, reported.valid_from)
    )
    parts = last.position.split(" ")
    return last.select(
        "cell_id",
        "namespace",
        lat_deg=parts[0].cast("float64"),
        lon_deg=parts[1].cast("float64"),
    )


def presences(events: Table, cell_places: Table) -> Table:
    """Return when a subscriber was seen at which place: subscriber_id, at, h3."""
    both = ends(events)
    seen = both.filter(both.cell_id.notnull())
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
        visits=total(~stays.fill_null(False)),
        dwell_s=total(lasted_s, stays),
        first_at=steps.at.min(),
        last_at=steps.at.max(),
    )
