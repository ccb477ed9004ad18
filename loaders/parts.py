"""The files of a Delta table: which there are, and how new ones become part of it.

Delta Lake's log says which Parquet files a table consists of. Files that no entry of the log names
are remains of an append that was cut short, and nobody reads them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Part:
    """A Parquet file that is to become part of a table.

    Attributes
    ----------
    time : str or None
        The column by whose span the file can be left unread.
    """

    path: Path
    rows: int
    time: str | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None

    @classmethod
    def of(cls, path: Path, time: str | None) -> "Part":
        """Describe a file by its own footer."""
        footer = pq.read_metadata(path)
        if time is None or not footer.num_rows:
            return cls(path, footer.num_rows)
        index = footer.schema.to_arrow_schema().get_field_index(time)
        groups = [footer.row_group(number).column(index) for number in range(footer.num_row_groups)]
        spans = [group.statistics for group in groups if group.num_values]
        first, last = min(span.min for span in spans), max(span.max for span in spans)
        return cls(path, footer.num_rows, time, first, last)

    def stats(self) -> str:
        """Return the statistics that Delta's log keeps: the span in whole milliseconds around it.

        No other column has any: the least pseudonym of a file is still somebody's.
        """
        stats: dict[str, Any] = {"numRecords": self.rows}
        if self.time and self.first_at and self.last_at:
            stats["minValues"] = {self.time: _delta_instant(self.first_at)}
            stats["maxValues"] = {self.time: _delta_instant(self.last_at + _MILLISECOND)}
            stats["nullCount"] = {self.time: 0}
        return json.dumps(stats)


def commit(folder: Path, parts: Sequence[Part], schema: pa.Schema, load_id: str) -> None:
    """Move files into a table's folder and make them part of it, all at once.

    A column that the table does not have yet is added to it; older files have null there.
    """
    if not DeltaTable.is_deltatable(str(folder)):
        DeltaTable.create(folder, schema=Schema.from_arrow(schema))
    table = DeltaTable(folder)
    known = {field.name for field in table.schema().fields}
    missing = [field for field in Schema.from_arrow(schema).fields if field.name not in known]
    if missing:
        table.alter.add_columns(missing)
    actions: list[AddAction | RemoveAction] = [
        _added(folder, part, f"{load_id}-{number}.parquet") for number, part in enumerate(parts)
    ]
    table.create_write_transaction(actions, mode="append", schema=table.schema())


def replace(folder: Path, former: Sequence[str], parts: Sequence[Part]) -> None:
    """Put files in the place of others of the same table, all at once.

    Parameters
    ----------
    former : sequence of str
        Names of the files that are no longer part of the table; they stay until a vacuum.
    parts : sequence of Part
        Files in the table's folder.
    """
    now_ms = round(datetime.now(UTC).timestamp() * 1000)
    name = uuid4().hex
    actions: list[AddAction | RemoveAction] = [
        _added(folder, part, f"{name}-{number}.parquet")
        for number, part in enumerate(parts)
        if part.rows
    ]
    actions += [RemoveAction(path, True, now_ms) for path in former]
    table = DeltaTable(folder)
    table.create_write_transaction(actions, mode="append", schema=table.schema())


def files_between(
    folder: Path,
    time: str | None = None,
    first: datetime | None = None,
    last: datetime | None = None,
) -> list[str]:
    """Return a table's files, without those whose span is known to lie before or after."""
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    added = pa.table(DeltaTable(folder).get_add_actions(flatten=True)).to_pylist()
    return [
        # Not file_uris(): in those, a folder's name with a space is escaped as in a web address.
        str(folder / part["path"])
        for part in added
        if time is None or not _is_apart(part, time, first, last)
    ]


def _is_apart(
    part: dict[str, Any], time: str, first: datetime | None, last: datetime | None
) -> bool:
    earliest, latest = part.get(f"min.{time}"), part.get(f"max.{time}")
    if earliest is None or latest is None or first is None or last is None:
        return False
    return bool(latest < first or earliest > last)


def _added(folder: Path, part: Part, name: str) -> AddAction:
    path = part.path.replace(folder / name)
    found = path.stat()
    return AddAction(
        path=name,
        size=found.st_size,
        partition_values={},
        modification_time=round(found.st_mtime * 1000),
        data_change=True,
        stats=part.stats(),
    )


def _delta_instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
