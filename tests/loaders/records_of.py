"""Records written by hand, as the tables and files that loaders work on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from loaders.store import stored_schema


def at(hour: int, minute: int = 0, second: int = 0, day: int = 1) -> datetime:
    """Return an instant of January 2026."""
    return datetime(2026, 1, day, hour, minute, second, tzinfo=UTC)


def table_of(kind: str, *rows: dict[str, Any]) -> Table:
    """Return stored records; what a row does not say is null, its namespace ``lab``."""
    schema = stored_schema(kind)
    loaded = [{"namespace": "lab", "file": "f.csv", "line": 2, "load_id": "L1", **r} for r in rows]
    return ibis.memtable(pa.Table.from_pylist(loaded, schema=_nullable(schema)))


def staged_of(
    folder: Path, kind: str, *rows: dict[str, Any], name: str = "f.csv", load_id: str = "L1"
) -> Path:
    """Return a staged file; lines are numbered from 2."""
    schema = stored_schema(kind)
    placed = [
        {"namespace": "lab", "file": name, "line": line, "load_id": load_id, **row}
        for line, row in enumerate(rows, 2)
    ]
    path = folder / f"{name}.{kind}.parquet"
    pq.write_table(pa.Table.from_pylist(placed, schema=_nullable(schema)), path)
    return path


def rows_of(table: Table, *order: str) -> list[dict[str, Any]]:
    """Return a table's rows in the order of some of its columns."""
    rows: list[dict[str, Any]] = table.order_by(list(order)).to_pyarrow().to_pylist()
    return rows


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])
