"""Writing: one file a kind and, where records have a time, a day; a block of rows at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from graph.errors import BadInput
from loaders.generate.draws import Array
from loaders.generate.options import FileFormat

TRUTH = "truth"
Columns = Mapping[str, Any]
_COMPRESSION = "zstd"


class Sheet:
    """One file being written; it appears with its first rows."""

    def __init__(self, path: Path, file_format: FileFormat) -> None:
        self.rows = 0
        self._path, self._format = path, file_format
        self._writer: Any = None

    def write(self, columns: Columns) -> None:
        """Append rows; a file has the same columns throughout."""
        table = pa.table(dict(columns))
        if not len(table):
            return
        if self._writer is None:
            self._writer = self._opened(table.schema)
        self._writer.write_table(table)
        self.rows += len(table)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()

    def _opened(self, schema: pa.Schema) -> Any:
        if self._format == "parquet":
            return parquet.ParquetWriter(self._path, schema, compression=_COMPRESSION)
        options = csv.WriteOptions(quoting_style="none")
        return csv.CSVWriter(self._path, schema, write_options=options)


@dataclass
class Folder:
    """Where the files go, and how many rows of each kind went there.

    Raises
    ------
    BadInput
        The folder holds something already, or cannot be made.
    """

    path: Path
    file_format: FileFormat
    start: date
    rows: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folder."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            is_empty = not any(self.path.iterdir())
        except OSError as error:
            reason = (error.strerror or "cannot be made").lower()
            raise BadInput(f"{self.path}: {reason}") from error
        if not is_empty:
            raise BadInput(f"{self.path}: is not empty; name a new folder")

    @contextmanager
    def sheet(self, kind: str, day: int | None = None) -> Iterator[Sheet]:
        """Open the file of a kind, or of a kind on a day from the start."""
        name = kind if day is None else f"{kind}-{self.start + timedelta(days=day)}"
        sheet = Sheet(self.path / f"{name}.{self.file_format}", self.file_format)
        try:
            yield sheet
        finally:
            sheet.close()
        if not kind.startswith(TRUTH):
            self.rows[kind] = self.rows.get(kind, 0) + sheet.rows

    def write(self, kind: str, columns: Columns, day: int | None = None) -> None:
        """Write a whole file."""
        with self.sheet(kind, day) as sheet:
            sheet.write(columns)


def instants(seconds: Array) -> pa.Array:
    """Return instants from seconds since 1970."""
    return pa.array(seconds.astype(np.int64)).cast(pa.timestamp("s", "UTC"))


def dates(days: Array) -> pa.Array:
    """Return dates from days since 1970."""
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def words(texts: Sequence[str], index: Array, mask: Array | None = None) -> pa.Array:
    """Return texts by their position; none where the mask is true."""
    return pa.array(texts, pa.string()).take(pa.array(index.astype(np.int32), mask=mask))


def numbers(values: Array, mask: Array, decimals: int | None = None) -> pa.Array:
    """Return numbers, whole ones unless decimals are given; none where the mask is true."""
    if decimals is None:
        return pa.array(np.round(values).astype(np.int64), mask=mask)
    return pa.array(np.round(values.astype(np.float64), decimals), mask=mask)
