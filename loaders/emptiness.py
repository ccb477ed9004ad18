"""Which expressions can only be empty, so that no engine need be asked.

Most sources have few of the kinds of records, and a table of the graph takes the same to be
written as SQL whether it has rows or not: for small files that is most of what a load takes.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.operations as ops
from ibis.expr.operations import Node
from ibis.expr.types import Table

_OF_BOTH = frozenset({"inner", "semi", "cross"})
_OF_THE_LEFT = _OF_BOTH | {"left", "anti"}
_SIFTED = (ops.Filter, ops.Project, ops.Sort, ops.Distinct, ops.DropColumns, ops.Limit)


def pruned(table: Table) -> Table:
    """Return a table, or one in memory of the same columns where it can only be empty.

    Examples
    --------
    >>> paid = ibis.memtable({"by": [], "amount": []}, schema={"by": "string", "amount": "int64"})
    >>> spent = paid.group_by("by").agg(spent=paid.amount.sum())
    >>> [type(table.op()).__name__ for table in (spent, pruned(spent))]
    ['Aggregate', 'InMemoryTable']
    """
    if not is_empty(table.op()):
        return table
    return ibis.memtable(table.schema().to_pyarrow().empty_table())


def united(tables: Sequence[Table]) -> Table:
    """Return the different rows of several tables with the same columns."""
    some = [table for table in tables if not is_empty(table.op())]
    return ibis.union(*(some or tables[:1])).distinct()


def is_empty(node: Node) -> bool:
    """Tell whether a relation can only be empty; false where that is not certain.

    Examples
    --------
    >>> paid = ibis.memtable({"amount": []}, schema={"amount": "int64"})
    >>> is_empty(paid.filter(paid.amount > 0).op()), is_empty(paid.agg(n=paid.count()).op())
    (True, False)
    """
    match node:
        case ops.InMemoryTable():
            return not len(node.data.to_pyarrow(node.schema))
        case ops.Aggregate():  # of nothing, what has no groups is one row
            return bool(node.groups) and is_empty(node.parent)
        case ops.JoinChain():
            return all(link.how in _OF_THE_LEFT for link in node.rest) and (
                is_empty(node.first.parent)
                or any(link.how in _OF_BOTH and is_empty(link.table.parent) for link in node.rest)
            )
        case ops.Union():
            return is_empty(node.left) and is_empty(node.right)
    return isinstance(node, _SIFTED) and is_empty(node.parent)
