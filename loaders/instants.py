"""Instants while DuckDB computes with them: UTC as before, but of a type that does not say so.

Of an instant in a time zone, be it UTC, DuckDB asks a calendar for its day or its second, which
takes ten times as long as the arithmetic. Spark's instants have no zone anyway.
"""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.engine import is_one_process

_UTC = dt.Timestamp(timezone="UTC", scale=6)  # as DuckDB's tables tell them
_PLAIN = dt.Timestamp(scale=6)


def _builtin(name: str, given: dt.DataType, returned: dt.DataType) -> Callable[..., Any]:
    """Return a function of DuckDB's own, which Ibis has no word for."""

    def told(_given: Any) -> Any:
        """Have DuckDB compute it: nothing is computed here."""

    signature = ((given,), returned)
    declared: Callable[..., Any] = ibis.udf.scalar.builtin(name=name, signature=signature)(told)
    return declared


_us_of_utc = _builtin("epoch_us", _UTC, dt.int64)
_us_of_plain = _builtin("epoch_us", _PLAIN, dt.int64)
_as_utc = _builtin("make_timestamptz", dt.int64, _UTC)
_as_plain = _builtin("make_timestamp", dt.int64, _PLAIN)


def plain(engine: BaseBackend, table: Table) -> Table:
    """Return a table with what is quick to compute with in the place of instants in UTC."""
    if not is_one_process(engine):
        return table
    found = _instants(table, is_zoned=True)
    return table.mutate(**{name: _as_plain(_us_of_utc(table[name])) for name in found})


def zoned(engine: BaseBackend, table: Table) -> Table:
    """Return a table whose instants say that they are in UTC again."""
    if not is_one_process(engine):
        return table
    found = _instants(table, is_zoned=False)
    return table.mutate(**{name: _as_utc(_us_of_plain(table[name])) for name in found})


def _instants(table: Table, *, is_zoned: bool) -> list[str]:
    kinds = table.schema().items()
    told = [(name, kind.timezone) for name, kind in kinds if isinstance(kind, dt.Timestamp)]
    return [name for name, zone in told if (zone is not None) is is_zoned]
