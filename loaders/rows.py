r"""Delimited text as rows: every physical line counted, nothing lost, nothing made up.

A block of text is cut into rows here, and only rows that are known to be whole go to Arrow's CSV
parser; ``docs/adr/0007-rows-are-cut-before-they-are-parsed.md`` says why. The rules are RFC 4180's:
a field that holds a quote, a delimiter or a line's end is quoted as a whole, quotes in it doubled.
A blank line is no row. A quote that stands elsewhere, or that is never closed, spoils the one line
it stands on, and the next line starts afresh.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from graph.errors import SourceError
from loaders.kernels import pc
from loaders.streams import BLOCK_BYTES, Reader

ROW_BYTES = 1 << 20  # a quoted field that goes on for longer was never closed

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Layout:
    """How the text of a file is laid out: its header's columns, and which of them are wanted."""

    header: tuple[str, ...]
    wanted: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True)
class Refused:
    """A row that cannot even be taken apart."""

    line: int
    text: bytes
    reason: str


@dataclass(frozen=True)
class Block:
    """Whole lines of text, cut into rows.

    Attributes
    ----------
    bounds : Whole
        Where each row starts in the text, and where the last one ends.
    lines : Whole
        The physical line on which each row starts.
    reasons : dict[int, str]
        Why some rows are refused already, by their index.
    """

    text: bytes
    bounds: Whole
    lines: Whole
    reasons: dict[int, str] = field(default_factory=dict)

    def row(self, index: int) -> bytes:
        """Return the text of a row, with its line's end."""
        return self.text[self.bounds[index] : self.bounds[index + 1]]


@dataclass(frozen=True)
class Rows:
    """Rows taken apart: a text column for each wanted column of the file.

    Attributes
    ----------
    lines : Whole
        The physical line on which each row starts.
    raw : pa.BinaryArray
        The text of each row as it stands in the file.
    """

    lines: Whole
    raw: pa.BinaryArray
    columns: dict[str, pa.StringArray]

    def where(self, mask: Mask) -> "Rows":
        """Return the rows for which the mask is true."""
        if mask.all():
            return self
        chosen = pa.array(mask)
        columns = {name: column.filter(chosen) for name, column in self.columns.items()}
        return Rows(self.lines[mask], self.raw.filter(chosen), columns)


def read_blocks(
    text: Reader, start: bytes, line: int, delimiter: str, shown: str
) -> Iterator[Block]:
    """Cut text into rows, some mebibytes at a time.

    Parameters
    ----------
    start
        What was already read of the text.
    line
        The physical line on which that starts.

    Raises
    ------
    SourceError
        A line is longer than a block: that is no table of records.
    """
    rest = start
    is_last = False
    while not is_last:
        content = text.read(BLOCK_BYTES)
        is_last = not content
        rest += content
        if is_last and rest and not rest.endswith(b"\n"):
            rest += b"\n"
        whole = rest[: rest.rfind(b"\n") + 1]
        if not whole and len(rest) > BLOCK_BYTES:
            raise SourceError(f"{shown}: line {line} is longer than {BLOCK_BYTES >> 20} MiB")
        if whole:
            block, used = _cut(whole, line, delimiter, is_last=is_last)
            line += whole.count(b"\n", 0, used)
            rest = rest[used:]
            yield block


def take_apart(block: Block, layout: Layout, shown: str) -> tuple[Rows, list[Refused]]:
    """Take the rows of a block apart into columns, and refuse those that cannot be.

    Raises
    ------
    SourceError
        The parser disagrees about the number of rows, so that no line could be trusted.
    """
    raw = _texts(block.text, block.bounds)
    is_row = ~_is_blank(block)
    if not block.reasons and _is_plain(block.text):
        columns = _parsed(block.text, layout, has_quotes=b'"' in block.text)
        if columns is not None and columns.num_rows == np.count_nonzero(is_row):
            rows = Rows(block.lines, raw, _by_name(columns)) if is_row.all() else None
            return rows or _without_blanks(block, raw, is_row, columns), []
    reasons = _faults(block, raw, is_row, layout)
    is_good = is_row.copy()
    is_good[list(reasons)] = False
    good = raw.filter(pa.array(is_good))
    columns = _parsed(b"".join(good.to_pylist()), layout, has_quotes=True)
    if columns is None or columns.num_rows != len(good):
        raise SourceError(f"{shown}: cannot be taken apart around line {block.lines[0]}")
    refused = [
        Refused(int(block.lines[index]), block.row(index), reasons[index])
        for index in sorted(reasons)
    ]
    return Rows(block.lines[is_good], good, _by_name(columns)), refused


def _without_blanks(block: Block, raw: pa.BinaryArray, is_row: Mask, columns: pa.Table) -> Rows:
    return Rows(block.lines[is_row], raw.filter(pa.array(is_row)), _by_name(columns))


def _by_name(table: pa.Table) -> dict[str, pa.StringArray]:
    return {name: table[name].combine_chunks() for name in table.column_names}


def _texts(text: bytes, bounds: Whole) -> pa.BinaryArray:
    """Return the rows as an array over the text itself, without a copy."""
    offsets = pa.py_buffer(bounds.astype(np.int32))
    return pa.BinaryArray.from_buffers(
        pa.binary(), len(bounds) - 1, [None, offsets, pa.py_buffer(text)]
    )


def _is_blank(block: Block) -> Mask:
    size = np.diff(block.bounds)
    is_blank = np.asarray(size == 1)
    for index in np.flatnonzero(size == 2):
        is_blank[index] = block.row(int(index)) == b"\r\n"
    return is_blank


def _is_plain(text: bytes) -> bool:
    """Tell whether a text has nothing that makes a closer look at each row necessary."""
    if b"\0" in text or text.count(b"\r") != text.count(b"\r\n"):
        return False
    return _is_utf8(text)


def _is_utf8(text: bytes) -> bool:
    whole = np.array([0, len(text)], np.int32)
    array = pa.StringArray.from_buffers(1, pa.py_buffer(whole), pa.py_buffer(text))
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _parsed(text: bytes, layout: Layout, *, has_quotes: bool) -> pa.Table | None:
    """Parse text with Arrow, or return None where a row has not as many fields as the header."""
    names = [str(index) for index in range(len(layout.header))]
    wanted = {name: str(layout.header.index(name)) for name in layout.wanted}
    if not text:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(text),
            read_options=pa_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(text) + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=has_quotes
            ),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=list(wanted.values()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.rename_columns(list(wanted))


def _faults(block: Block, raw: pa.BinaryArray, is_row: Mask, layout: Layout) -> dict[int, str]:
    """Say what is wrong with each row that cannot be taken apart."""
    quoted = b'"(?:[^"]|"")*"'
    bare = pc.replace_substring_regex(raw, quoted, b"") if b'"' in block.text else raw
    delimiters = pc.count_substring(bare, layout.delimiter).to_numpy(zero_copy_only=False)
    expected = len(layout.header) - 1
    checks = [
        (pc.match_substring(raw, b"\0"), "holds a NUL byte"),
        (_is_not_utf8(block, raw), "is not UTF-8"),
        (pc.match_substring_regex(bare, r"\r(?:[^\n]|$)"), "holds a stray carriage return"),
        (pa.array(delimiters < expected), "has too few fields"),
        (pa.array(delimiters > expected), "has too many fields"),
    ]
    reasons = dict(block.reasons)
    for mask, reason in checks:
        for index in np.flatnonzero(mask.to_numpy(zero_copy_only=False) & is_row):
            reasons.setdefault(int(index), reason)
    return reasons


def _is_not_utf8(block: Block, raw: pa.BinaryArray) -> pa.BooleanArray:
    wrong = np.zeros(len(raw), np.bool_)
    if not _is_utf8(block.text):
        high = np.flatnonzero(np.frombuffer(block.text, np.uint8) > 127)
        for index in np.unique(np.searchsorted(block.bounds, high, "right") - 1):
            wrong[index] = not _is_utf8(block.row(int(index)))
    return pa.array(wrong)


def _cut(text: bytes, line: int, delimiter: str, *, is_last: bool) -> tuple[Block, int]:
    """Cut whole lines into rows; return them and how many bytes were used."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    bounds = np.concatenate((np.zeros(1, np.int64), ends))
    lines = np.arange(line, line + len(ends), dtype=np.int64)
    if b'"' not in text:
        return Block(text, bounds, lines), len(text)
    return _Quotes(delimiter).joined(Block(text, bounds, lines), is_last=is_last)


class _Quotes:
    """What lines look like whose fields may be quoted."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        one = rf'(?:"(?:[^"]|"")*"|[^"{mark}\r\n]*)'
        inside = r'(?:[^"]|"")*'
        self.whole = rf"^{one}(?:{mark}{one})*\r?\n$"
        self._opens = _compiled(rf'(?:{one}{mark})*"{inside}')
        self._goes_on = _compiled(inside)
        self._closes = _compiled(rf'{inside}"(?:{mark}{one})*\r?\n')
        self._closes_and_opens = _compiled(rf'{inside}"(?:{mark}{one})*{mark}"{inside}')

    def joined(self, block: Block, *, is_last: bool) -> tuple[Block, int]:
        """Join the lines of rows that are quoted over several, and mark misplaced quotes."""
        raw = _texts(block.text, block.bounds)
        is_whole = pc.match_substring_regex(raw, self.whole).to_numpy(zero_copy_only=False)
        has_quote = pc.match_substring(raw, '"').to_numpy(zero_copy_only=False)
        is_start = np.ones(len(raw), np.bool_)
        reasons: dict[int, str] = {}
        following = 0
        used = len(block.text)
        for index in np.flatnonzero(has_quote & ~is_whole):
            if index < following:
                continue
            end = self._end(block, int(index))
            if end is None and not is_last and used - block.bounds[index] < ROW_BYTES:
                used = int(block.bounds[index])  # the rest of the row is in the next block
                break
            if end:
                is_start[index + 1 : end] = False
                following = end
            else:
                reasons[int(index)] = (
                    "has a quote that is never closed" if end is None else "has a misplaced quote"
                )
        return _regrouped(block, is_start, reasons, used), used

    def _end(self, block: Block, index: int) -> int | None:
        """Return the index after a row's last line, 0 for a misplaced quote, None if it is open."""
        if not self._opens.fullmatch(block.row(index)):
            return 0
        for later in range(index + 1, len(block.lines)):
            if block.bounds[later] - block.bounds[index] > ROW_BYTES:
                return None
            text = block.row(later)
            if self._closes.fullmatch(text):
                return later + 1
            if not self._goes_on.fullmatch(text) and not self._closes_and_opens.fullmatch(text):
                return 0
        return None


def _regrouped(block: Block, is_start: Mask, reasons: dict[int, str], used: int) -> Block:
    """Return the block up to ``used`` with the lines that start no row joined to the one before."""
    count = int(np.searchsorted(block.bounds, used))
    starts = np.flatnonzero(is_start[:count])
    return Block(
        block.text[:used],
        np.concatenate((block.bounds[starts], [used])),
        block.lines[starts],
        {int(np.searchsorted(starts, index)): reason for index, reason in reasons.items()},
    )


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())
