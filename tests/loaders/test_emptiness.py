"""What is taken for empty: DuckDB is asked, and has no row of it either."""

# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false

from collections.abc import Callable

import ibis
import pytest
from ibis.expr.types import Table

from loaders.emptiness import pruned, united
from loaders.engine import connect

_COLUMNS = {"key": "string", "value": "int64"}
FULL = ibis.memtable({"key": ["a", "a", "b"], "value": [1, 2, 3]}, schema=_COLUMNS)
NONE = ibis.memtable({"key": [], "value": []}, schema=_COLUMNS)
THIRD = FULL.select(third="key")
SURE: dict[str, Callable[[], Table]] = {
    "filter": lambda: NONE.filter(NONE.value > 1),
    "select": lambda: NONE.select("key", more=NONE.value + 1),
    "sort": lambda: NONE.order_by("key").limit(3),
    "distinct": lambda: NONE.drop("value").distinct(),
    "groups": lambda: NONE.group_by("key").agg(sum=NONE.value.sum()),
    "window": lambda: NONE.mutate(n=ibis.row_number().over(order_by=NONE.key)),
    "union": lambda: ibis.union(NONE, NONE.select("key", "value")),
    "left": lambda: NONE.left_join(FULL.select("key", other="value"), "key"),
    "anti": lambda: NONE.anti_join(FULL, "key"),
    "inner": lambda: FULL.inner_join(NONE.select("key", other="value"), "key"),
    "semi": lambda: FULL.semi_join(NONE, "key"),
    "cross": lambda: FULL.cross_join(NONE.select(other="value")),
}
NOT_SURE: dict[str, Callable[[], Table]] = {
    "full": lambda: FULL.filter(FULL.value > 7),
    "whole": lambda: NONE.agg(rows=NONE.count()),
    "whole, then more": lambda: NONE.agg(rows=NONE.count()).mutate(more=1),
    "union": lambda: ibis.union(NONE, FULL),
    "left": lambda: FULL.left_join(NONE.select("key", other="value"), "key"),
    "right": lambda: NONE.right_join(FULL.select("key", other="value"), "key"),
    "outer": lambda: NONE.outer_join(FULL.select("key", other="value"), "key"),
    "anti": lambda: FULL.anti_join(NONE, "key"),
    "inner, then right": lambda: FULL.inner_join(
        NONE.select("key", other="value"), "key"
    ).right_join(THIRD, THIRD.third == FULL.key),
}


@pytest.mark.parametrize("name", SURE)
def test_what_is_sure_is_not_computed_and_has_no_row(name: str) -> None:
    table = SURE[name]()
    known = pruned(table)
    assert known is not table
    assert known.schema() == table.schema()
    assert connect().to_pyarrow(table).num_rows == connect().to_pyarrow(known).num_rows == 0


@pytest.mark.parametrize("name", NOT_SURE)
def test_what_may_have_rows_is_left_alone(name: str) -> None:
    table = NOT_SURE[name]()
    assert pruned(table) is table
    assert name == "full" or connect().to_pyarrow(table).num_rows > 0


def test_rows_are_united_without_repetitions_and_without_what_is_empty() -> None:
    rows = connect().to_pyarrow(united([NONE, FULL, NONE, FULL]).order_by("value"))
    assert rows.to_pylist() == [{"key": k, "value": v} for k, v in (("a", 1), ("a", 2), ("b", 3))]
    alone = united([FULL.select("key"), NONE.select("key")])
    assert connect().to_pyarrow(alone).num_rows == 2
    assert connect().to_pyarrow(united([NONE, NONE])).num_rows == 0
