"""What a graph must be told when loads are new to it: whole rows of everything they touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.totals import Totals
from loaders.belongings import belongings
from loaders.emptiness import pruned
from loaders.engine import count
from loaders.instants import plain, zoned
from loaders.raster import Ground, places, spelt
from loaders.records import EARLIEST
from loaders.scope import Scope
from loaders.totals import gained
from loaders.transforms import package, place, subscriber, tie, usage
from loaders.transforms.columns import beside, named_keys

_PAIR = ["caller_id", "callee_id"]


@dataclass(frozen=True)
class Changes:
    """Rows for the graph, one table a statement under ``cypher/load``, in the order of writing.

    Attributes
    ----------
    rows : Mapping[str, Table]
        From statement (``subscribers``, ``contacts``, …) to its rows.
    has_moved_cells : bool
        Whether cells are new or stand elsewhere now, so that visits may have left a place.
    gained : Totals
        What the loads add to what all ties of the graph add up to.
    """

    rows: Mapping[str, Table]
    has_moved_cells: bool
    gained: Totals
    _counts: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def count(self, name: str) -> int:
        """Return how many rows a table has, which is computed once: it may be to compute them."""
        if name not in self._counts:
            self._counts[name] = count(self.rows[name])
        return self._counts[name]


def changes(
    engine: BaseBackend,
    records: Mapping[str, Table],
    new_loads: frozenset[str],
    *,
    is_whole: bool = False,
    local_zone: str = "UTC",
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
    local_zone : str
        The time zone that people live by.
    """
    scope = Scope(engine, records, new_loads, is_whole)
    own = scope.records
    moved_cells = scope.moved_cells.to_pyarrow()["cell_id"].combine_chunks()
    ground = Ground.of(place.cells(records["cells"]).to_pyarrow(), moved_cells)
    events = scope.kept("events", tie.interactions(own["calls"], own["messages"]))
    days = scope.kept("days", tie.days(events))
    pairs = scope.kept("pairs", tie.contacts(days))
    seen = place.sightings(events, own["sessions"], own["locations"])
    presences = place.presences(seen, plain(engine, ibis.memtable(ground.spans)))
    presences = scope.kept("presences", scope.of_touched(presences))
    visits = scope.kept("visits", place.visits(presences))
    homes, works = _usual_places(scope, presences, local_zone)
    numbers = _numbers(visits, ibis.memtable(ground.covers))
    spell = partial(spelt, numbers=numbers)
    rows = {
        "subscribers": _subscribers(scope, pairs, days, presences),
        "contacts": pairs if is_whole else pairs.semi_join(_fresh_pairs(scope), _PAIR),
        "friendships": tie.friendships(scope.fresh("ties")),
        "places": places(numbers),
        "sites": place.sites(
            named_keys("site_id", scope.fresh("sites"), scope.fresh("cells")),
            scope.records["sites"],
        ),
        "cells": ibis.memtable(ground.cells).select(*place.CELL_FACTS),
        "covers": spell(ibis.memtable(ground.covers)),
        "visits": spell(visits),
        "homes": spell(homes),
        "works": spell(works),
        "packages": package.packages(
            named_keys("package_id", scope.fresh("packages"), scope.fresh("subscriptions")),
            scope.records["packages"],
        ),
        "subscriptions": package.subscriptions(scope.of_keys("subscriptions")),
        "payments": package.payments(scope.of_keys("payments")),
        **belongings(scope),
    }
    return Changes(
        {
            name: _told(scope, name, zoned(engine, scope.people.spelt(table)))
            for name, table in rows.items()
        },
        has_moved_cells=len(moved_cells) > 0,
        gained=gained(scope, pairs),
    )


def _told(scope: Scope, name: str, rows: Table) -> Table:
    """Keep rows that are read more than once; those of a whole graph are many, and read once."""
    return pruned(rows) if scope.is_whole else scope.kept(f"{name}_rows", rows)


def _subscribers(scope: Scope, pairs: Table, days: Table, presences: Table) -> Table:
    """Return a whole row for every touched subscriber: who, what is stated, what was done."""
    rows = scope.of_touched(scope.people.everyone.drop("pseudonym"))
    facts = {
        "stated": subscriber.attributes(scope.records["subscribers"]),
        "used": usage.totals(scope.uses),
        "active": subscriber.traffic(pairs, days),
        "located": subscriber.located(presences),
    }
    # Kept one by one: all at once, DuckDB takes one thread and memory for all of them.
    for name, known in facts.items():
        rows = scope.kept(name, beside(rows, known))
    return subscriber.counted(rows)


def _fresh_pairs(scope: Scope) -> Table:
    """Return every directed pair that new calls and messages join."""
    calls, messages = scope.fresh("calls"), scope.fresh("messages")
    return ibis.union(
        calls.select("caller_id", "callee_id"),
        messages.select(caller_id=messages.sender_id, callee_id=messages.recipient_id),
        distinct=True,
    )


def _usual_places(scope: Scope, presences: Table, local_zone: str) -> tuple[Table, Table]:
    """Return where the touched live and work; null where they do so nowhere any more."""
    times = presences.aggregate(first=presences.at.min(), last=presences.at.max())
    (span,) = times.to_pyarrow().to_pylist()
    first, last = ((span[end] or EARLIEST).replace(tzinfo=UTC) for end in ("first", "last"))
    clock = place.local_clock(local_zone, first, last)
    homes = scope.kept("homes", place.homes(presences, clock))
    works = place.works(presences, homes, clock)
    if scope.is_whole:
        return homes, works
    return beside(scope.touched, homes), beside(scope.touched, works)


def _numbers(*rows: Table) -> list[int]:
    """Return the places that any of the rows names, as numbers, in order."""
    named = ibis.union(*(table.select("h3") for table in rows), distinct=True)
    numbers: list[int] = named.order_by("h3").to_pyarrow()["h3"].to_pylist()
    return numbers
