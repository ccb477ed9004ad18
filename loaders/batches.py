"""Rows as parameters of statements: in batches, and those together that no lock keeps apart.

A transaction that makes a relationship locks the nodes at both of its ends, and one that waits for
another's lock while the other waits for its own is thrown back. So rows are dealt by the halves
that their two ends fall into: those of the first halves and those of the second ones have no node
in common and are written at the same time, then those that lead from either half to the other.

::

                  ends 0        ends 1
    starts 0   first turn    second turn
    starts 1   second turn   first turn
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from graph.kernels import pc
from loaders.shapes import Node, Relationship, Shape

Batch = list[dict[str, Any]]
_UTC = pa.timestamp("us", "+00:00")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"  # with microseconds, as Arrow has them
_BLOCK = 4  # batches: as many as there are hands


def in_batches(table: Table, batch_rows: int) -> Iterator[Batch]:
    """Yield a table's rows as parameters of a statement, at most ``batch_rows`` at a time."""
    for block in _blocks(table, batch_rows):
        yield from _batches(block, batch_rows)


def in_turns(table: Table, shapes: Sequence[Shape], batch_rows: int) -> Iterator[list[Batch]]:
    """Yield a table's rows in turns: batches that can be written at the same time.

    Parameters
    ----------
    shapes : sequence of Shape
        What a row is; but of nodes with relationships, of which a node may have any, no two
        batches are written at the same time.
    """
    for block in _blocks(table, _BLOCK * batch_rows):
        for hands in dealt(block, shapes):
            for turn in zip_longest(*(_batches(hand, batch_rows) for hand in hands)):
                yield [batch for batch in turn if batch]


def dealt(block: pa.Table, shapes: Sequence[Shape]) -> list[list[pa.Table]]:
    """Deal rows in rounds, of hands that have no node in common."""
    match shapes:
        case [Node()]:
            half = block.num_rows // 2
            return [[block.slice(0, half), block.slice(half)]]
        case [Relationship() as tie]:
            starts, ends = _halves(block[tie.start.column], block[tie.end.column])
            like = [block.filter(pa.array((starts == n) & (ends == n))) for n in (0, 1)]
            unlike = [block.filter(pa.array((starts == n) & (ends != n))) for n in (0, 1)]
            if tie.start.label == tie.end.label:  # a start may be the other one's end
                return [like, *([hand] for hand in unlike)]
            return [like, unlike]
        case _:
            return [[block]]


def _halves(*columns: pa.ChunkedArray) -> "list[np.ndarray[Any, np.dtype[np.int64]]]":
    """Return 0 or 1 for every key, the same for the same one in whichever column."""
    keys = pa.chunked_array([chunk for column in columns for chunk in column.chunks])
    numbers = keys.combine_chunks().dictionary_encode().indices.to_numpy()
    return np.split(numbers % 2, len(columns))


def _batches(block: pa.Table, batch_rows: int) -> Iterator[Batch]:
    for offset in range(0, block.num_rows, batch_rows):
        yield block.slice(offset, batch_rows).to_pylist()


def _blocks(table: Table, rows: int) -> Iterator[pa.Table]:
    """Yield rows with parameters' types.

    DuckDB widens sums to decimals, so the expression's own types count. Instants are text: the
    driver takes some 50 µs to pack one, and Neo4j 1 µs to read a text.
    """
    schema = pa.schema(
        [
            field.with_type(_UTC) if pa.types.is_timestamp(field.type) else field
            for field in table.schema().to_pyarrow()
        ]
    )
    for batch in table.to_pyarrow_batches(chunk_size=rows):
        block = pa.table([_plain(column) for column in batch.cast(schema)], schema.names)
        for offset in range(0, block.num_rows, rows):
            yield block.slice(offset, rows)


def _plain(column: pa.Array) -> pa.Array:
    return pc.strftime(column, format=_INSTANT) if pa.types.is_timestamp(column.type) else column
