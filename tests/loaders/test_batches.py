"""Which rows are written at the same time, and how an instant comes to the server."""

import random
from datetime import UTC, datetime
from itertools import combinations

import ibis
import pyarrow as pa
import pytest

from loaders.batches import Batch, in_batches, in_turns
from loaders.shapes import SHAPES, Relationship
from loaders.writer import WRITES

_TIES = {
    name: shapes[0]
    for name, shapes in SHAPES.items()
    if len(shapes) == 1 and isinstance(shapes[0], Relationship)
}


@pytest.mark.parametrize("name", _TIES)
@pytest.mark.parametrize("keys", [1, 3, 40])
def test_batches_of_a_turn_have_no_node_in_common_and_every_row_is_in_one(
    name: str, keys: int
) -> None:
    """Of few keys most rows have one in common; expected: what sets say."""
    tie, drawn = _TIES[name], random.Random(keys)  # noqa: S311 (rows, not secrets)
    columns = (tie.start.column, tie.end.column)
    made = [{column: str(drawn.randrange(keys)) for column in columns} for _ in range(100)]
    rows = [row | {"number": number} for number, row in enumerate(made)]
    turns = list(in_turns(ibis.memtable(pa.Table.from_pylist(rows)), SHAPES[name], 7))
    for turn in turns:
        for one, other in combinations([nodes(batch, tie) for batch in turn], 2):
            assert not one & other
    batches = [batch for turn in turns for batch in turn]
    assert all(0 < len(batch) <= 7 for batch in batches)
    found = [row for batch in batches for row in batch]
    assert sorted(found, key=lambda row: int(row["number"])) == rows
    if keys == 40:
        assert any(len(turn) > 1 for turn in turns)


@pytest.mark.parametrize("name", ["contacts", "visits"])
def test_no_batch_of_ties_between_many_is_written_alone(name: str) -> None:
    """Of each to each of 16 there are as many rows of any two halves or quarters."""
    tie = _TIES[name]
    rows = [
        {tie.start.column: f"{one:x}", tie.end.column: f"{other:x}"}
        for one in range(16)
        for other in range(16)
    ]
    turns = list(in_turns(ibis.memtable(pa.Table.from_pylist(rows)), SHAPES[name], 64))
    assert [len(turn) for turn in turns] == [2] * len(turns)


def nodes(batch: Batch, tie: Relationship) -> set[tuple[str, str]]:
    return {(end.label, row[end.column]) for row in batch for end in (tie.start, tie.end)}


def test_nodes_are_written_two_batches_at_once_but_not_below_nodes_of_their_own() -> None:
    table = ibis.memtable(pa.table({"h3": [str(number) for number in range(10)]}))
    sizes = {
        name: [[len(batch) for batch in turn] for turn in in_turns(table, SHAPES[name], 4)]
        for name in ("subscribers", "places")
    }
    assert sizes == {"subscribers": [[4, 4], [1, 1]], "places": [[4], [4], [2]]}


def test_instants_are_text_to_the_microsecond_and_read_as_instants_by_the_statements() -> None:
    at = datetime(1969, 12, 31, 23, 59, 59, 999_995, UTC)
    instants = pa.array([at, None], pa.timestamp("us", "UTC"))
    ((one, other),) = in_batches(ibis.memtable(pa.table({"last_at": instants})), 2)
    assert {one["last_at"], other["last_at"]} == {"1969-12-31T23:59:59.999995Z", None}
    for name, written in WRITES.items():
        for shape in SHAPES[name]:
            for column in (each for each in shape.properties if each.endswith("_at")):
                assert f"datetime(row.{column})" in written.text, (name, column)
