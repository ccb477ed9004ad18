"""What a graph must be told when loads are new to it: whole rows of everything they touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import h3
import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.kinds import KINDS
from loaders.scope import Scope, identities
from loaders.transforms import package, place, subscriber, tie
from loaders.transforms.columns import beside, named_keys

FINEST_RESOLUTION = 9
COARSEST_RESOLUTION = 5
_PAIR = ["caller_id", "callee_id"]
_PLACES = pa.schema(
    [
        ("h3", pa.string()),
        ("resolution", pa.int64()),
        ("lat_deg", pa.float64()),
        ("lon_deg", pa.float64()),
        ("parent", pa.string()),
    ]
)


@dataclass(frozen=True)
class Changes:
    """Rows for the graph, one table a statement under ``cypher/load``, in the order of writing.

    Attributes
    ----------
    rows : Mapping[str, Table]
        From statement (``subscribers``, ``contacts``, …) to its rows.
    has_moved_cells : bool
        Whether cells are new or stand elsewhere now, so that visits may have left a place.
    """

    rows: Mapping[str, Table]
    has_moved_cells: bool


def changes(
    engine: BaseBackend,
    records: Mapping[str, Table],
    new_loads: frozenset[str],
    *,
    is_whole: bool = False,
) -> Changes:
    """Return the rows that bring a graph up to date that lacks the loads ``new_loads``.

    Parameters
    ----------
    engine : BaseBackend
        Where the records' tables live; keeps what several of the results need.
    records : Mapping[str, Table]
        Every kind's stored records.
    is_whole : bool
        Whether the graph has nothing yet, so that all rows are wanted.
    """
    compact = {kind: _compact(table, kind) for kind, table in records.items()}
    scope = Scope(engine, compact, new_loads, is_whole)
    cell_rows = _located(place.cells(compact["cells"]))
    moved_cells = ibis.memtable(cell_rows).semi_join(scope.moved_cells, "cell_id").to_pyarrow()
    events = scope.kept("events", tie.interactions(scope.own("calls"), scope.own("messages")))
    days = scope.kept("days", tie.days(events))
    pairs = scope.kept("pairs", tie.contacts(days))
    presences = place.presences(events, ibis.memtable(cell_rows))
    presences = scope.kept("presences", scope.of_touched(presences))
    rows = {
        "subscribers": _subscribers(scope, pairs, days, presences),
        "contacts": pairs if is_whole else pairs.semi_join(_fresh_pairs(scope), _PAIR),
        "friendships": tie.friendships(scope.fresh("ties")),
        "places": _places(moved_cells["h3"].unique().to_pylist()),
        "cells": ibis.memtable(moved_cells),
        "visits": place.visits(presences),
        "packages": package.packages(
            named_keys("package_id", scope.fresh("packages"), scope.fresh("subscriptions")),
            scope.records["packages"],
        ),
        "subscriptions": package.subscriptions(
            scope.of_keys("subscriptions", "subscriber_id", "package_id")
        ),
        "payments": package.payments(scope.of_keys("payments", "payment_id")),
    }
    return Changes(
        {name: scope.kept(f"{name}_rows", _spelt(table)) for name, table in rows.items()},
        has_moved_cells=moved_cells.num_rows > 0,
    )


def _compact(records: Table, kind: str) -> Table:
    """Return records with pseudonyms as numbers of 128 bits: several times quicker to group by."""
    names = [c.name for c in KINDS[kind].columns if c.type in ("identity", "pseudonym")]
    return records.cast(dict.fromkeys(names, "uuid"))


def _spelt(rows: Table) -> Table:
    """Return rows with their pseudonyms as they are spelt in the graph."""
    numbers = [name for name, kind in rows.schema().items() if kind.is_uuid()]
    return rows.mutate(**{name: rows[name].cast("string").replace("-", "") for name in numbers})


def _subscribers(scope: Scope, pairs: Table, days: Table, presences: Table) -> Table:
    """Return a whole row for every touched subscriber: who, what is stated, what was done."""
    named = [(scope.own(kind), name) for kind in KINDS for name in identities(kind)]
    people = scope.of_touched(subscriber.people(named))
    told = beside(people, subscriber.attributes(scope.own("subscribers")))
    active = beside(told, subscriber.traffic(pairs, days))
    return subscriber.counted(beside(active, subscriber.located(presences)))


def _fresh_pairs(scope: Scope) -> Table:
    """Return every directed pair that new calls and messages join."""
    calls, messages = scope.fresh("calls"), scope.fresh("messages")
    return ibis.union(
        calls.select("caller_id", "callee_id"),
        messages.select(caller_id=messages.sender_id, callee_id=messages.recipient_id),
        distinct=True,
    )


def _located(cells: Table) -> pa.Table:
    """Return the cells with their place in the raster, the hexagon that their position lies in."""
    rows = cells.order_by("cell_id").to_pyarrow()
    positions = zip(rows["lat_deg"].to_pylist(), rows["lon_deg"].to_pylist(), strict=True)
    places = [h3.latlng_to_cell(lat, lon, FINEST_RESOLUTION) for lat, lon in positions]
    covered = rows.append_column("h3", pa.array(places, pa.string()))
    return covered.append_column("share", pa.array([1.0] * len(places), pa.float64()))


def _places(finest: Sequence[str]) -> Table:
    """Return the places with all their parents, the coarsest and so every parent first."""
    resolutions = range(COARSEST_RESOLUTION, FINEST_RESOLUTION + 1)
    rows = []
    for resolution in resolutions:
        for cell in sorted({h3.cell_to_parent(child, resolution) for child in finest}):
            lat_deg, lon_deg = h3.cell_to_latlng(cell)
            parent = h3.cell_to_parent(cell) if resolution > COARSEST_RESOLUTION else None
            rows.append((cell, resolution, lat_deg, lon_deg, parent))
    named = [dict(zip(_PLACES.names, row, strict=True)) for row in rows]
    return ibis.memtable(pa.Table.from_pylist(named, schema=_PLACES))
