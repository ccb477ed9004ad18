"""Rows into the graph over Bolt: batches, each a transaction, each repeatable.

While the server works on one turn's batches, the next turn's are made ready: of one batch, or of
two that have no node in common, see ``loaders.batches``.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from typing import Any

from cypher import Statement, statement
from graph.database.session import Database
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.batches import Batch, in_turns
from loaders.changes import Changes
from loaders.engine import count
from loaders.progress import Watch
from loaders.shapes import SHAPES

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


async def write(database: Database, changes: Changes, batch_rows: int, watch: Watch) -> None:
    """Tell the graph all changes; what is interrupted is told again from the start.

    Parameters
    ----------
    batch_rows : int
        Rows in one transaction.
    """
    for name, table in changes.rows.items():
        shapes = () if name in _ONE_BY_ONE else SHAPES[name]
        watch.begin(f"Writing {name}", count(table))
        await _write_turns(database, WRITES[name], in_turns(table, shapes, batch_rows), watch)
    if changes.has_moved_cells:
        visits = changes.rows["visits"]
        places = visits.group_by("subscriber_id").agg(places=visits.h3.collect())
        watch.begin("Writing left places", count(places))
        await _write_turns(database, _LEFT_PLACES, in_turns(places, (), batch_rows), watch)
        for resolution in range(FINEST_RESOLUTION, COARSEST_RESOLUTION - 1, -1):
            await database.write(_BARE_PLACES, resolution=resolution)


async def _write_turns(
    database: Database, write: Statement, turns: Iterator[list[Batch]], watch: Watch
) -> None:
    turn = next(turns, [])
    while turn:
        *_, following = await _all(
            *(database.write(write, rows=rows) for rows in turn),
            asyncio.to_thread(next, turns, []),
        )
        watch.advance(sum(map(len, turn)))
        turn = following


async def _all(*works: Awaitable[Any]) -> list[Any]:
    """Wait for all of them, so that none goes on alone when another one fails."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException):
            raise each
    return done
