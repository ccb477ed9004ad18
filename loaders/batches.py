"""Rows as parameters of statements: in batches, and those together that no lock keeps apart.

A transaction that makes a relationship locks the nodes at both of its ends, and one that waits for
another's lock while the other waits for its own is thrown back. So rows are dealt by the halves
that their two ends fall into: those of the first halves and those of the second ones have no node
in common and are written at the same time, then those that lead from either half to the other.

::

                  ends 0        ends 1
    starts 0   first turn    second turn
    starts 1   second turn   first turn

Where a start may be another row's end, those of the second turn may have nodes in common. Such
rows are dealt by quarters, which pair off in three ways; rows within a quarter go with the first.

::

    first turn    0 with 1    2 with 3
    second turn   0 with 2    1 with 3
    third turn    0 with 3    1 with 2
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.expr.types import Table

from graph.kernels import pc
from loaders.shapes import Node, Relationship, Shape

Batch = list[dict[str, Any]]
Mask = npt.NDArray[np.bool_]
_UTC = pa.timestamp("us", "+00:00")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"  # with microseconds, as Arrow has them
_BLOCK = 4  # batches: as many as there are hands
# By the quarters of both ends: which pair of quarters a row is of. Pairs 0 and 1 have no quarter in
# common, nor have 2 and 3, nor 4 and 5.
_PAIRINGS = (
    (0, 0, 2, 4),
    (0, 0, 5, 3),
    (2, 5, 1, 1),
    (4, 3, 1, 1),
)


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
            ends = block[tie.start.column], block[tie.end.column]
            turns = _of_quarters(*ends) if tie.start.label == tie.end.label else _of_halves(*ends)
            return [[block.filter(pa.array(hand)) for hand in hands] for hands in turns]
        case _:
            return [[block]]


def _of_halves(start: pa.ChunkedArray, end: pa.ChunkedArray) -> list[list[Mask]]:
    """Return which rows each hand of each turn has, where starts and ends are different nodes."""
    starts, ends = _numbered(2, start, end)
    return [
        [(starts == n) & (ends == n) for n in (0, 1)],
        [(starts == n) & (ends != n) for n in (0, 1)],
    ]


def _of_quarters(start: pa.ChunkedArray, end: pa.ChunkedArray) -> list[list[Mask]]:
    """Return which rows each hand of each turn has, where a start may be another row's end."""
    starts, ends = _numbered(4, start, end)
    pair_of = np.array(_PAIRINGS)[starts, ends]
    return [[pair_of == pair for pair in turn] for turn in ((0, 1), (2, 3), (4, 5))]


def _numbered(parts: int, *columns: pa.ChunkedArray) -> list[npt.NDArray[np.int64]]:
    """Return a part's number for every key, the same for the same one in whichever column."""
    keys = pa.chunked_array([chunk for column in columns for chunk in column.chunks])
    numbers = keys.combine_chunks().dictionary_encode().indices.to_numpy()
    return np.split(numbers % parts, len(columns))


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
