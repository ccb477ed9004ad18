"""Parquet as rows: numbered from 1, as text that the mapping reads like that of any other file.

Whole numbers, also those that stand in a floating-point column, become their digits; times become
ISO 8601, with a ``Z`` where the column knows its zone; what a structure holds is named with dots.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import SourceError
from graph.kernels import pc
from loaders.contents import Content, without_twins
from loaders.rows import Block, Mask, Refused, Rows
from loaders.streams import BLOCK_BYTES, Text

MAGIC = b"PAR1"
_MOST_ROWS = 1 << 16
_BUFFER_BYTES = 1 << 20
_EXACT = 2.0**53  # whole numbers up to here are exact as floating-point numbers
_MARKS = '":,{}[] \t\r\n\\'


@dataclass(frozen=True)
class ParquetBlock:
    """Some rows of a Parquet file.

    Attributes
    ----------
    first : int
        The number of the first row, counted from 1.
    """

    batch: pa.RecordBatch
    first: int
    wanted: tuple[str, ...]

    def take_apart(self) -> tuple[Rows, list[Refused]]:
        """Turn the wanted columns into text, and refuse rows whose text no file could hold."""
        columns = {name: as_text(self._columns[name]) for name in self.wanted}
        numbers = np.arange(self.first, self.first + self.batch.num_rows, dtype=np.int64)
        is_bad = np.zeros(self.batch.num_rows, np.bool_)
        for column in columns.values():
            is_bad |= _is_bad(column)
        if not is_bad.any():
            return Rows(numbers, self._json, columns), []
        reason = "is not UTF-8 or holds a NUL byte"
        refused = [
            Refused(int(numbers[row]), self._json(int(row)), reason, _MARKS)
            for row in np.flatnonzero(is_bad)
        ]
        return Rows(numbers, self._json, columns).where(~is_bad), refused

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        fields = zip(self.batch.schema.names, self.batch.columns, strict=True)
        return {name: leaf for field, array in fields for name, leaf in _leaves(field, array)}

    def _json(self, row: int) -> bytes:
        values = {name: _shown(column.slice(row, 1)) for name, column in self._columns.items()}
        return json.dumps(values, ensure_ascii=False).encode()


@contextmanager
def opened_parquet(path: Path, text: Text) -> Iterator[Content]:
    """Open a Parquet file; the rows come later, a part of a row group at a time.

    Parameters
    ----------
    text
        The same file: it is read along, so that progress and digest are as for any other.

    Raises
    ------
    SourceError
        It is truncated or corrupt.
    Unfit
        Two columns have the same name.
    """
    with _in_plain_words(text.shown):
        file = pq.ParquetFile(
            str(path),
            buffer_size=_BUFFER_BYTES,
            pre_buffer=False,
            page_checksum_verification=True,
        )
    with file:
        with _in_plain_words(text.shown):
            types = dict(_types(file.schema_arrow))
            names = without_twins([name for name, _ in _types(file.schema_arrow)])

        def blocks(wanted: Sequence[str]) -> Iterator[Block]:
            present = tuple(name for name in wanted if name in types)
            for name in present:
                if not _is_readable(types[name]):
                    raise SourceError(f"{text.shown}: column {name!r} holds no single values")
            first = 1
            for batch in _batches(file, text):
                yield ParquetBlock(batch, first, present)
                first += batch.num_rows
            if first - 1 != file.metadata.num_rows:
                raise SourceError(f"{text.shown}: has another number of rows than it says")

        yield Content(names, blocks, text.digest)


def _batches(file: pq.ParquetFile, text: Text) -> Iterator[pa.RecordBatch]:
    for index in range(file.num_row_groups):
        with _in_plain_words(text.shown):
            group = file.metadata.row_group(index)
            row_bytes = max(1, group.total_byte_size // max(1, group.num_rows))
            rows = min(_MOST_ROWS, max(1, BLOCK_BYTES // row_bytes))
            batches = file.iter_batches(rows, row_groups=[index], use_threads=False)
        while True:
            with _in_plain_words(text.shown):
                batch = next(batches, None)
            if batch is None:
                break
            yield batch
        stored = (group.column(at).total_compressed_size for at in range(group.num_columns))
        _read_along(text, sum(stored))


def _read_along(text: Text, size_bytes: int) -> None:
    while size_bytes > 0 and (content := text.read(min(size_bytes, BLOCK_BYTES))):
        size_bytes -= len(content)


def as_text(array: pa.Array) -> pa.StringArray:
    """Return values as exact text; what is not known is an empty one.

    Examples
    --------
    >>> as_text(pa.array([4512345678.0, 0.1, None, float("nan")])).to_pylist()
    ['4512345678', '0.1', '', '']
    >>> as_text(pa.array([0], pa.timestamp("s", "Europe/Copenhagen"))).to_pylist()
    ['1970-01-01 00:00:00Z']
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return as_text(array.dictionary_decode())
    if pa.types.is_floating(kind):
        array = _float_text(array)
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    elif pa.types.is_binary(kind):
        array = array.view(pa.string())
    elif pa.types.is_large_binary(kind):
        array = array.view(pa.large_string())
    elif pa.types.is_date64(kind):
        array = array.cast(pa.date32())
    return pc.fill_null(array.cast(pa.string()), "")


def _float_text(array: pa.Array) -> pa.StringArray:
    """Return numbers as text, whole ones without a mark or an exponent: they may be identifiers."""
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    is_whole = pc.and_(pc.equal(pc.trunc(array), array), pc.less_equal(pc.abs(array), _EXACT))
    whole = pc.if_else(is_whole, array, pa.scalar(None, array.type)).cast(pa.int64())
    return pc.if_else(is_whole, whole.cast(pa.string()), array.cast(pa.string()))


def _is_bad(text: pa.StringArray) -> Mask:
    """Return where a text is not UTF-8, or holds a NUL byte."""
    is_bad = np.asarray(pc.match_substring(text, "\0").to_numpy(zero_copy_only=False))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        raw = text.view(pa.binary()).to_pylist()
        is_bad = is_bad | np.array([not _is_utf8(value) for value in raw], np.bool_)
    return is_bad


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(value: pa.Array) -> str | None:
    """Return the only value of an array as text that JSON can hold."""
    if value.null_count or not _is_readable(value.type):
        return None if value.null_count else value.to_string()
    text: bytes = as_text(value).view(pa.binary())[0].as_py()
    return text.decode(errors="replace")


def _leaves(name: str, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    if not pa.types.is_struct(array.type):
        yield name, array
        return
    for field, child in zip(array.type, array.flatten(), strict=True):
        yield from _leaves(f"{name}.{field.name}", child)


def _types(fields: Sequence[pa.Field], prefix: str = "") -> Iterator[tuple[str, pa.DataType]]:
    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _types(field.type, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", field.type


def _is_readable(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _is_readable(kind.value_type)
    is_text = (
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    is_time = types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind)
    return bool(is_text or is_number or is_time or types.is_boolean(kind) or types.is_null(kind))


@contextmanager
def _in_plain_words(shown: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = "is a Parquet file that is truncated or corrupt"
        raise SourceError(f"{shown}: {reason}") from error
