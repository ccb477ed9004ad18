"""The first rows of a file whose layout nobody has told yet."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from graph.errors import SourceError
from graph.kernels import pc
from loaders.contents import Content, Unfit, is_harmless
from loaders.mapping import Table
from loaders.parquet import MAGIC
from loaders.streams import Text, first_line, opened
from loaders.tabular import opened_content
from loaders.times import read_times

_ROWS = 2_000
_SNIFFED_BYTES = 1 << 18
_SNIFF = "SELECT Delimiter FROM sniff_csv(?)"
_NUMBER = r"^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?$"
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d")
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p", "%H.%M.%S")
_FORMATS = (
    "iso",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    *(f"{day}{mark}{clock}" for day, mark, clock in product((*_DAYS, "%Y.%m.%d"), " _T", _CLOCKS)),
    *_DAYS,
)


@dataclass(frozen=True)
class Sample:
    """The columns of a file, with what stands in its first rows.

    Attributes
    ----------
    header : tuple[str, ...]
        Names made up for a file that has no header, else none.
    is_text : bool
        Whether it is delimited text.
    """

    columns: Mapping[str, pa.StringArray]
    delimiter: str
    header: tuple[str, ...]
    is_text: bool


def read_sample(path: Path, known: frozenset[str]) -> Sample:
    """Read the first rows of a file.

    Parameters
    ----------
    known
        Names of columns, as ``plain`` writes them. A first line that has none of them, and does not
        differ from the lines below, is taken for data: it may name people.

    Raises
    ------
    SourceError
        The file cannot be read as a table.
    """
    shown = str(path)
    try:
        with opened(path, shown, _unwatched) as text:
            start = b"" if text.magic.startswith(MAGIC) else _start(text)
        is_text = bool(start) and not start.lstrip().startswith(b"{")
        delimiter = _delimiter(start) if is_text else ","
        columns = _columns(path, shown, delimiter, ())
        if is_text and not _is_header(columns, known):
            header = tuple(f"column_{number}" for number in range(1, len(columns) + 1))
            return Sample(_columns(path, shown, delimiter, header), delimiter, header, True)
    except Unfit as unfit:
        raise SourceError(f"{shown}: {unfit}") from unfit
    return Sample(columns, delimiter, (), is_text)


def plain(name: str) -> str:
    """Return a column's name without case and marks.

    Examples
    --------
    >>> plain("A_NUMBER"), plain("callingPartyNumber")
    ('anumber', 'callingpartynumber')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def given(column: pa.StringArray) -> pa.StringArray:
    """Return what stands in a column, without what is not known."""
    return column.filter(pc.invert(pc.is_in(column, pa.array(["", "-", "NULL", "null", "NaN"]))))


def is_numeric(column: pa.StringArray) -> bool:
    """Tell whether all that stands in a column are numbers."""
    texts = given(column)
    return len(texts) > 0 and bool(pc.all(pc.match_substring_regex(texts, _NUMBER)).as_py())


def formats(column: pa.StringArray) -> Iterator[str]:
    """Return the formats of time that all texts of a column fit."""
    texts = given(column)
    for format_ in _FORMATS if len(texts) else ():
        read = read_times(texts, format_, "UTC")
        if not np.any(read.is_impossible):
            yield format_


def _start(text: Text) -> bytes:
    start = first_line(text)
    rest = start.rest
    while len(rest) < _SNIFFED_BYTES and (more := text.read(_SNIFFED_BYTES)):
        rest += more
    return start.line + b"\n" + rest[: rest.rfind(b"\n") + 1]


def _delimiter(start: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, duckdb.connect() as engine:
        file.write(start)
        file.flush()
        try:
            found = engine.execute(_SNIFF, [file.name]).fetchone()
        except duckdb.Error:
            return ","
    delimiter = str(found[0]) if found else ","
    return delimiter if len(delimiter) == 1 and delimiter not in '"\0\r\n' else ","


def _columns(
    path: Path, shown: str, delimiter: str, header: tuple[str, ...]
) -> Mapping[str, pa.StringArray]:
    layout = Table.model_construct(delimiter=delimiter, header=header)
    with opened_content(path, shown, layout, _unwatched) as content:
        return _first_rows(content)


def _first_rows(content: Content) -> Mapping[str, pa.StringArray]:
    block = next(content.blocks(content.names), None)
    if block is None:
        return {name: pa.array([], pa.string()) for name in content.names}
    rows, _ = block.take_apart()
    trimmed = {name: pc.utf8_trim_whitespace(rows.columns[name][:_ROWS]) for name in rows.columns}
    return {name: trimmed[name] for name in content.names if name in trimmed}


def _is_header(columns: Mapping[str, pa.StringArray], known: frozenset[str]) -> bool:
    if not all(map(is_harmless, columns)) or any(re.match(_NUMBER, name) for name in columns):
        return False
    return any(plain(name) in known for name in columns) or any(map(is_numeric, columns.values()))


def _unwatched(_size_bytes: int) -> None:
    """Take no notice: a sample is no load."""
