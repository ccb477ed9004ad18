r"""Delimited text as rows: every physical line counted, nothing lost, nothing made up.

A block of text is cut into rows here, and only rows that are known to be whole go to Arrow's CSV
parser; ``docs/adr/0007-rows-are-cut-before-they-are-parsed.md`` says why. The rules are RFC 4180's:
a field that holds a quote, a delimiter or a line's end is quoted as a whole, quotes in it doubled.
A blank line is no row. A quote that stands elsewhere, or that is never closed, spoils the one line
it stands on, and the next line starts afresh.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from graph.errors import SourceError
from graph.kernels import pc
from loaders.contents import Content, Unfit, without_twins
from loaders.lines import Lines, each_line, is_utf8, read_lines
from loaders.rows import Block, Mask, Refused, Rows
from loaders.streams import Start, Text

ROW_BYTES = 1 << 20  # a quoted field that goes on for longer was never closed


@dataclass(frozen=True)
class Layout:
    """How the text of a file is laid out: its header's columns, and which of them are wanted."""

    header: tuple[str, ...]
    wanted: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True)
class DelimitedBlock:
    """Whole rows of delimited text."""

    rows: Lines
    layout: Layout
    shown: str

    def take_apart(self) -> tuple[Rows, list[Refused]]:
        """Take the rows apart into columns, and refuse those that cannot be.

        Raises
        ------
        SourceError
            The parser disagrees about the number of rows, so that no line could be trusted.
        """
        return _take_apart(self.rows, self.layout, self.shown)


def read_delimited(text: Text, start: Start, delimiter: str, given: Sequence[str] = ()) -> Content:
    """Read the header of delimited text; the rows come later, as they are asked for.

    Parameters
    ----------
    given
        The names of the columns where the text has no header: its first line is a row.

    Raises
    ------
    Unfit
        There is no header, it cannot be read, or two columns have the same name.
    """
    names = _names(_checked(start.line), delimiter)
    if given and len(given) != len(names):
        raise Unfit(f"its first line has {len(names)} fields where the mapping names {len(given)}")
    if set(given) & set(names):
        raise Unfit("its first line is a header; the mapping says that there is none")
    names = tuple(given) or without_twins(names)
    following = start if given else Start(b"", start.number + 1, start.rest)

    def blocks(wanted: Sequence[str]) -> Iterator[Block]:
        layout = Layout(names, tuple(name for name in wanted if name in names), delimiter)
        for rows in read_lines(text, following, partial(_cut, delimiter), text.shown):
            yield DelimitedBlock(rows, layout, text.shown)

    return Content(names, blocks, text.digest)


def _checked(line: bytes) -> str:
    if not line:
        raise Unfit("is empty: not even a header")
    if b"\0" in line:
        raise Unfit("holds NUL bytes: it is not text, or UTF-16; save it as UTF-8")
    if b"\r" in line:
        raise Unfit("its lines end with a carriage return alone; save it with line feeds")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Unfit("its header is not UTF-8") from error


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    field = rf'\s*"((?:[^"]|"")*)"\s*|([^{re.escape(delimiter)}]*)'
    pattern = rf"(?:{field})(?:{re.escape(delimiter)}|$)"
    names: list[str] = []
    for match in re.finditer(pattern, line):
        if match.start() == len(line) and names and not line.endswith(delimiter):
            break
        quoted, plain = match.groups()
        names.append((plain if quoted is None else quoted.replace('""', '"')).strip())
    return tuple(names)


def _take_apart(block: Lines, layout: Layout, shown: str) -> tuple[Rows, list[Refused]]:
    raw = block.rows()
    is_row = ~block.is_blank()
    if not block.reasons and _is_plain(block.text):
        columns = _parsed(block.text, layout, has_quotes=b'"' in block.text)
        if columns is not None and columns.num_rows == np.count_nonzero(is_row):
            return _rows(block, is_row, columns), []
    reasons = _faults(block, raw, is_row, layout)
    is_good = is_row.copy()
    is_good[list(reasons)] = False
    good = raw.filter(pa.array(is_good))
    columns = _parsed(b"".join(good.to_pylist()), layout, has_quotes=True)
    if columns is None or columns.num_rows != len(good):
        raise SourceError(f"{shown}: cannot be taken apart around line {block.numbers[0]}")
    refused = [
        Refused(
            int(block.numbers[index]),
            _without_end(block.row(index)),
            reasons[index],
            f'{layout.delimiter}"\r\n\0',
        )
        for index in sorted(reasons)
    ]
    return _rows(block, is_good, columns), refused


def _rows(block: Lines, is_good: Mask, table: pa.Table) -> Rows:
    indices = np.flatnonzero(is_good)
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return Rows(
        block.numbers[indices],
        lambda row: _without_end(block.row(int(indices[row]))),
        columns,
    )


def _without_end(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _is_plain(text: bytes) -> bool:
    """Tell whether a text has nothing that makes a closer look at each row necessary."""
    if b"\0" in text or text.count(b"\r") != text.count(b"\r\n"):
        return False
    return is_utf8(text)


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


def _faults(block: Lines, raw: pa.BinaryArray, is_row: Mask, layout: Layout) -> dict[int, str]:
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


def _is_not_utf8(block: Lines, raw: pa.BinaryArray) -> pa.BooleanArray:
    wrong = np.zeros(len(raw), np.bool_)
    if not is_utf8(block.text):
        high = np.flatnonzero(np.frombuffer(block.text, np.uint8) > 127)
        for index in np.unique(np.searchsorted(block.bounds, high, "right") - 1):
            wrong[index] = not is_utf8(block.row(int(index)))
    return pa.array(wrong)


def _cut(delimiter: str, text: bytes, line: int, is_last: bool) -> tuple[Lines, int]:
    """Cut whole lines into rows; return them and how many bytes were used."""
    lines, used = each_line(text, line, is_last)
    if b'"' not in text:
        return lines, used
    return _Quotes(delimiter).joined(lines, is_last=is_last)


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

    def joined(self, block: Lines, *, is_last: bool) -> tuple[Lines, int]:
        """Join the lines of rows that are quoted over several, and mark misplaced quotes."""
        raw = block.rows()
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

    def _end(self, block: Lines, index: int) -> int | None:
        """Return the index after a row's last line, 0 for a misplaced quote, None if it is open."""
        if not self._opens.fullmatch(block.row(index)):
            return 0
        for later in range(index + 1, len(block.numbers)):
            if block.bounds[later] - block.bounds[index] > ROW_BYTES:
                return None
            text = block.row(later)
            if self._closes.fullmatch(text):
                return later + 1
            if not self._goes_on.fullmatch(text) and not self._closes_and_opens.fullmatch(text):
                return 0
        return None


def _regrouped(block: Lines, is_start: Mask, reasons: dict[int, str], used: int) -> Lines:
    """Return the block up to ``used`` with the lines that start no row joined to the one before."""
    count = int(np.searchsorted(block.bounds, used))
    starts = np.flatnonzero(is_start[:count])
    return Lines(
        block.text[:used],
        np.concatenate((block.bounds[starts], [used])),
        block.numbers[starts],
        {int(np.searchsorted(starts, index)): reason for index, reason in reasons.items()},
    )


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())
