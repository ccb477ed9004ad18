"""Rows into the graph over Bolt: batches, each a transaction, each repeatable.

While the server works on one turn's batches, the next turn's are made ready. A turn is one batch,
or two where no two rows can wait for each other: those of nodes that have nothing in common.
Transactions that write relationships lock nodes at both ends, and would wait for one another.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
from ibis.expr.types import Table

from cypher import Statement, statement
from graph.database.session import Database
from graph.kernels import pc
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.changes import Changes
from loaders.engine import count
from loaders.progress import Watch

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
Row = dict[str, Any]
_UTC = pa.timestamp("us", "+00:00")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"  # with microseconds, as Arrow has them
_AT_ONCE = {"subscribers": 2}
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
        await _write_rows(database, WRITES[name], name, table, batch_rows, watch)
    if changes.has_moved_cells:
        visits = changes.rows["visits"]
        places = visits.group_by("subscriber_id").agg(places=visits.h3.collect())
        await _write_rows(database, _LEFT_PLACES, "left places", places, batch_rows, watch)
        for resolution in range(FINEST_RESOLUTION, COARSEST_RESOLUTION - 1, -1):
            await database.write(_BARE_PLACES, resolution=resolution)


async def _write_rows(
    database: Database, write: Statement, name: str, table: Table, batch_rows: int, watch: Watch
) -> None:
    watch.begin(f"Writing {name}", count(table))
    batches, at_once = in_batches(table, batch_rows), _AT_ONCE.get(name, 1)
    turn = _next(batches, at_once)
    while turn:
        *_, following = await _all(
            *(database.write(write, rows=rows) for rows in turn),
            asyncio.to_thread(_next, batches, at_once),
        )
        watch.advance(sum(map(len, turn)))
        turn = following


def _next(batches: Iterator[list[Row]], at_once: int) -> list[list[Row]]:
    return list(islice(batches, at_once))


async def _all(*works: Awaitable[Any]) -> list[Any]:
    """Wait for all of them, so that none goes on alone when another one fails."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException):
            raise each
    return done


def in_batches(table: Table, batch_rows: int) -> Iterator[list[Row]]:
    """Yield a table's rows as parameters of a statement, at most ``batch_rows`` at a time.

    Instants are text: the driver takes some 50 µs to pack one, and Neo4j 1 µs to read a text.
    """
    schema = _parameter_schema(table)
    for batch in table.to_pyarrow_batches(chunk_size=batch_rows):
        parameters = pa.table([_plain(column) for column in batch.cast(schema)], schema.names)
        for offset in range(0, parameters.num_rows, batch_rows):
            yield parameters.slice(offset, batch_rows).to_pylist()


def _parameter_schema(table: Table) -> pa.Schema:
    """Return the types of the expression itself: DuckDB widens sums to decimals."""
    fields = [
        field.with_type(_UTC) if pa.types.is_timestamp(field.type) else field
        for field in table.schema().to_pyarrow()
    ]
    return pa.schema(fields)


def _plain(column: pa.Array) -> pa.Array:
    return pc.strftime(column, format=_INSTANT) if pa.types.is_timestamp(column.type) else column
