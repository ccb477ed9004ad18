"""What is stored of scores, by owner and service over a window, and by which it is known again.

Sums of places are of shares of cells. They are rounded to parts of a power of two, so that they add
up to the same in whatever order it is done.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from datetime import date
from functools import reduce
from operator import add

import ibis
from ibis.expr.types import Table, Value

from graph.experience.model import Model
from graph.experience.nodes import Kind
from graph.experience.tally import HALF_LIFE_D, MILLION, slots, sum_names

_STEP = 2.0**-20
_DECIMALS = 6


def owned(rows: Table, kind: Kind, owner: Value, model: Model) -> Table:
    """Return the rows that have an owner: ``kind``, ``owner``, ``at``, ``service`` and the sums."""
    named = rows.mutate(kind=ibis.literal(kind), owner=owner)
    return named.filter(named.owner.notnull()).select(
        "kind", "owner", "at", "service", **_floats(named, model)
    )


def placed(cells: Table, measured: Table, shares: Table, within: Table, model: Model) -> Table:
    """Return rows owned by places of any size: what was measured there, and parts of cells' sums.

    Parameters
    ----------
    shares : Table
        ``cell_id``, ``owner`` and ``share``: which part of a cell lies in a place.
    within : Table
        ``h3`` of the finest size and ``owner``: the places that it lies in, itself among them.
    """
    names = sum_names(slots(model))
    used = [name for name, each in model.services.items() if each.records != "measurements"]
    of_cells = cells.filter(cells.service.isin(used)).inner_join(shares, "cell_id")
    parts = {name: _stepped(of_cells[name] * of_cells.share) for name in names}
    place = ibis.literal("place")
    shared = of_cells.select("owner", "at", "service", kind=place, **parts)
    there = measured.inner_join(within, "h3")
    both = shared.union(there.select("owner", "at", "service", kind=place, **_floats(there, model)))
    return both.select("kind", "owner", "at", "service", *names)


def shared_ground(covers: Table, lying: Table) -> Table:
    """Return ``cell_id``, ``owner`` and ``share`` of all places of any size.

    Parameters
    ----------
    covers : Table
        ``cell_id``, ``h3`` and ``share`` of what cells cover.
    lying : Table
        ``h3`` of every place, ``owner``: a place that it lies in, and how many sizes ``up``; each
        lies in itself.
    """
    within = covers.inner_join(lying, "h3").select("cell_id", "owner", "share")
    below = lying.filter(lying.up > 0).select(owner=lying.h3, h3=lying.owner, up=lying.up)
    # Of what a cell covers of a larger place, a seventh lies in each place right below it.
    parted = covers.inner_join(below, "h3")
    parts = parted.select("cell_id", "owner", share=parted.share * 7.0**-parted.up)
    both = within.union(parts)
    return both.group_by("cell_id", "owner").agg(share=both.share.sum())


def current(rows: Table, trends: Table, model: Model, windows: Table, seed: str) -> Table:
    """Return the sums of windows by owner and service, their trends, and each owner's state.

    Parameters
    ----------
    windows : Table
        ``window``, ``since`` and ``until``; hours are of cells and places alone.
    seed : str
        What else scores depend on.
    """
    names = sum_names(slots(model))
    within = (rows.at >= windows.since) & (rows.at < windows.until)
    has_hours = rows.kind.isin(["cell", "place"])
    inside = rows.join(windows, [within, (windows.window != "hour") | has_hours])
    keys = ("kind", "window", "owner", "service")
    sums = inside.group_by(*keys, "since").agg(**{name: inside[name].sum() for name in names})
    told = sums.left_join(trends, ["kind", "owner", "service"]).select(
        sums, trends.trend, trends.whole_trend
    )
    parts = {name: told[name] for name in told.columns} | {"seed": ibis.literal(seed)}
    hashed = told.mutate(hashed=ibis.struct(parts).hash())
    own = ibis.window(group_by=["kind", "window", "owner"])
    return hashed.mutate(state=hashed.hashed.bit_xor().over(own)).drop("hashed", "since")


def trended(rows: Table, model: Model, last: date) -> Table:
    """Return ``trend`` by owner and service, and ``whole_trend`` of the owner's services together.

    Means over days as ``graph.experience.tally.smoothed`` has them, from 0 to 100.
    """
    named = [(rows.service == name, each.importance) for name, each in model.services.items()]
    age_d = (ibis.literal(last) - rows.at.date()).cast("float64")
    factor = ibis.cases(*named, else_=0.0) * ibis.literal(2.0) ** (-age_d / HALF_LIFE_D)
    parts = [rows[name] for name in rows.columns if name.endswith("__contribution")]
    score = reduce(add, parts)
    weighed = rows.select(
        "kind", "owner", "service", top=factor * score, bottom=factor * rows.scored
    )
    sums = weighed.group_by("kind", "owner", "service").agg(
        top=weighed.top.sum(), bottom=weighed.bottom.sum()
    )
    own = ibis.window(group_by=["kind", "owner"])
    return sums.select(
        "kind",
        "owner",
        "service",
        trend=_mean(sums.top, sums.bottom),
        whole_trend=_mean(sums.top.sum().over(own), sums.bottom.sum().over(own)),
    )


def _mean(top: Value, bottom: Value) -> Value:
    return (100 / MILLION * top / bottom.nullif(0)).round(_DECIMALS)


def _floats(rows: Table, model: Model) -> dict[str, Value]:
    return {name: rows[name].cast("float64") for name in sum_names(slots(model))}


def _stepped(x: Value) -> Value:
    return (x / _STEP).round() * _STEP
