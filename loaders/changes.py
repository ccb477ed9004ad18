"""What a graph must be told when loads are new to it: whole rows of everything they touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import h3
import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.transforms import package, place, subscriber, tie
from loaders.transforms.columns import beside, of_loads

FINEST_RESOLUTION = 9
COARSEST_RESOLUTION = 5
_PAIR = ["caller_id", "callee_id"]
_SUBSCRIBER_COLUMNS = (
    ("subscribers", "subscriber_id"),
    ("calls", "caller_id"),
    ("calls", "callee_id"),
    ("messages", "sender_id"),
    ("messages", "recipient_id"),
    ("ties", "subscriber_id"),
    ("ties", "other_id"),
    ("subscriptions", "subscriber_id"),
    ("payments", "subscriber_id"),
)
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
    engine: BaseBackend, records: Mapping[str, Table], new_loads: frozenset[str]
) -> Changes:
    """Return the rows that bring a graph up to date that lacks the loads ``new_loads``.

    Parameters
    ----------
    engine : BaseBackend
        Where the records' tables live; keeps what several of the results need.
    records : Mapping[str, Table]
        Every kind's stored records.
    """

    def kept(name: str, table: Table) -> Table:
        return engine.create_table(name, table, temp=True, overwrite=True)

    fresh = {kind: of_loads(table, new_loads) for kind, table in records.items()}
    events = kept("events", tie.interactions(records["calls"], records["messages"]))
    cell_rows = _located(place.cells(records["cells"]))
    moved = kept("moved", fresh["cells"].select("cell_id").distinct())
    moved_cells = ibis.memtable(cell_rows).semi_join(moved, "cell_id").to_pyarrow()

    named = _people(fresh).select("subscriber_id")
    touched = kept("touched", ibis.union(named, _seen_at(events, moved), distinct=True))
    ends_touched = events.caller_id.isin(touched.subscriber_id) | events.callee_id.isin(
        touched.subscriber_id
    )
    own_events = kept("own_events", events.filter(ends_touched))
    located = place.presences(own_events, ibis.memtable(cell_rows))
    located = kept("located", located.semi_join(touched, "subscriber_id"))
    rows = {
        "subscribers": _subscribers(records, touched, own_events, located),
        "contacts": tie.contacts(events.semi_join(_pairs(fresh), _PAIR)),
        "friendships": tie.friendships(fresh["ties"]),
        "places": _places(moved_cells["h3"].unique().to_pylist()),
        "cells": ibis.memtable(moved_cells),
        "visits": place.visits(located),
        "packages": package.packages(_whole(records, fresh, "packages", "package_id")),
        "subscriptions": package.subscriptions(
            _whole(records, fresh, "subscriptions", "subscriber_id", "package_id")
        ),
        "payments": package.payments(_whole(records, fresh, "payments", "payment_id")),
    }
    return Changes(
        {name: kept(f"{name}_rows", table) for name, table in rows.items()},
        has_moved_cells=moved_cells.num_rows > 0,
    )


def _subscribers(
    records: Mapping[str, Table], touched: Table, own_events: Table, located: Table
) -> Table:
    """Return a whole row for every touched subscriber: who, what is stated, what was done."""
    people = _people(records).semi_join(touched, "subscriber_id")
    stated = records["subscribers"].semi_join(touched, "subscriber_id")
    told = beside(people, subscriber.attributes(stated))
    return subscriber.counted(beside(told, subscriber.traffic(own_events, located)))


def _people(records: Mapping[str, Table]) -> Table:
    """Return every subscriber that any of the records names."""
    return subscriber.people([(records[kind], column) for kind, column in _SUBSCRIBER_COLUMNS])


def _pairs(records: Mapping[str, Table]) -> Table:
    """Return every directed pair that the calls and messages join."""
    calls, messages = records["calls"], records["messages"]
    return ibis.union(
        calls.select("caller_id", "callee_id"),
        messages.select(caller_id=messages.sender_id, callee_id=messages.recipient_id),
        distinct=True,
    )


def _seen_at(events: Table, cells: Table) -> Table:
    """Return the subscribers that were ever seen by one of the cells."""
    callers = events.filter(events.caller_cell_id.isin(cells.cell_id))
    callees = events.filter(events.callee_cell_id.isin(cells.cell_id))
    return ibis.union(
        callers.select(subscriber_id=callers.caller_id),
        callees.select(subscriber_id=callees.callee_id),
        distinct=True,
    )


def _whole(records: Mapping[str, Table], fresh: Mapping[str, Table], kind: str, *key: str) -> Table:
    """Return all records of the keys that new records of a kind carry."""
    return records[kind].semi_join(fresh[kind], list(key))


def _located(cells: Table) -> pa.Table:
    """Return the cells with their place in the raster, the hexagon that their position lies in."""
    rows = cells.order_by("cell_id").to_pyarrow()
    positions = zip(rows["lat_deg"].to_pylist(), rows["lon_deg"].to_pylist(), strict=True)
    places = [h3.latlng_to_cell(lat, lon, FINEST_RESOLUTION) for lat, lon in positions]
    return rows.append_column("h3", pa.array(places, pa.string()))


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
