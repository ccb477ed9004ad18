"""Rows into the graph over Bolt: batches, each a transaction, each repeatable.

While the server works on one turn's batches, the next turn's are made ready, also where they are
the first ones of the next table: of one batch, or of two that have no node in common, see
``loaders.batches``.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, NamedTuple

from ibis.expr.types import Table

from cypher import Statement, statement
from graph.database.session import Database
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.batches import Batch, in_turns
from loaders.changes import Changes
from loaders.engine import count
from loaders.progress import Watch
from loaders.shapes import SHAPES, Shape

WRITES = {
    "subscribers": statement("load/subscribers"),
    "contacts": statement("load/contacts"),
    "friendships": statement("load/friendships"),
    "places": statement("load/places"),
    "sites": statement("load/sites"),
    "cells": statement("load/cells"),
    "covers": statement("load/covers"),
    "visits": statement("load/visits"),
    "homes": statement("load/homes"),
    "works": statement("load/works"),
    "packages": statement("load/packages"),
    "subscriptions": statement("load/subscriptions"),
    "payments": statement("load/payments"),
    "devices": statement("load/devices"),
    "ownerships": statement("load/ownerships"),
    "apps": statement("load/apps"),
    "app_uses": statement("load/app_uses"),
    "services": statement("load/services"),
    "service_uses": statement("load/service_uses"),
    "touchpoints": statement("load/touchpoints"),
    "surveys": statement("load/surveys"),
}
# They also let go of relationships to nodes that no column of theirs names.
_ONE_BY_ONE = ("homes", "works")
_LEFT_PLACES = statement("load/left_places")
_BARE_PLACES = statement("load/bare_places")


class _Turn(NamedTuple):
    """Batches that are written at the same time.

    Attributes
    ----------
    step : str
        What they are of, as it is told.
    rows : int
        Of how many rows in all.
    """

    step: str
    rows: int
    write: Statement
    batches: list[Batch]


async def write(database: Database, changes: Changes, batch_rows: int, watch: Watch) -> None:
    """Tell the graph all changes; what is interrupted is told again from the start.

    Parameters
    ----------
    batch_rows : int
        Rows in one transaction.
    """
    await _write_turns(database, _turns(changes, batch_rows), watch)
    if changes.has_moved_cells:
        for resolution in range(FINEST_RESOLUTION, COARSEST_RESOLUTION - 1, -1):
            await database.write(_BARE_PLACES, resolution=resolution)


def _turns(changes: Changes, batch_rows: int) -> Iterator[_Turn]:
    """Yield what is to be written, in order: of every table one turn at least."""
    for name, table in changes.rows.items():
        shapes = () if name in _ONE_BY_ONE else SHAPES[name]
        yield from _turns_of(name, WRITES[name], table, changes.count(name), shapes, batch_rows)
    if changes.has_moved_cells:
        visits = changes.rows["visits"]
        places = visits.group_by("subscriber_id").agg(places=visits.h3.collect())
        yield from _turns_of("left places", _LEFT_PLACES, places, count(places), (), batch_rows)


def _turns_of(
    name: str, write: Statement, table: Table, rows: int, shapes: Sequence[Shape], batch_rows: int
) -> Iterator[_Turn]:
    for batches in in_turns(table, shapes, batch_rows) if rows else ([],):
        yield _Turn(f"Writing {name}", rows, write, batches)


async def _write_turns(database: Database, turns: Iterator[_Turn], watch: Watch) -> None:
    turn, step = next(turns, None), ""
    while turn:
        if turn.step != step:
            step = turn.step
            watch.begin(step, turn.rows)
        *_, following = await _all(
            *(database.write(turn.write, rows=rows) for rows in turn.batches),
            asyncio.to_thread(next, turns, None),
        )
        watch.advance(sum(map(len, turn.batches)))
        turn = following


async def _all(*works: Awaitable[Any]) -> list[Any]:
    """Wait for all of them, so that none goes on alone when another one fails."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException):
            raise each
    return done
