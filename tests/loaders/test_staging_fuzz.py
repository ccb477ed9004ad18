"""Whatever bytes a file of calls holds: an error in plain words, or rows that add up."""

import csv
import io
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.loaders.fuzz import FUZZ, adds_up, read_bytes
from tests.loaders.tables_of import HEADER, KEY, Read

CELL = st.one_of(
    st.integers(-3, 10**7).map(str),
    st.sampled_from(["", "-1", "1e3", "nan", '"', '"7"', '"a\nb"', '""', " 5 ", "\0", "\r", "é"]),
    st.text(max_size=6),
)
ROW = st.lists(CELL, min_size=0, max_size=6).map(",".join)
END = st.sampled_from(["\n", "\r\n", "\n\n"])
LINES = st.lists(st.tuples(ROW, END).map("".join), max_size=25).map("".join)


def _accounts_for_every_line(result: Read, content: bytes) -> None:
    """Each line that is not blank starts a row, or lies within a quoted one."""
    lines = content.split(b"\n")
    starts = set(adds_up(result))
    not_blank = {number for number, line in enumerate(lines, 1) if line not in (b"", b"\r")}
    header = min(not_blank)
    assert starts <= not_blank - {header}
    if b'"' not in content:
        assert starts == not_blank - {header}


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    result = read_bytes(content)
    if result is not None:
        _accounts_for_every_line(result, content)


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes_below_a_header(rest: bytes) -> None:
    result = read_bytes(HEADER + b"1,2,3,4\n" + rest)
    if result is not None:
        _accounts_for_every_line(result, HEADER + b"1,2,3,4\n" + rest)
        assert 2 in result.lines


@FUZZ
@given(LINES, st.sampled_from(["utf-8", "latin-1", "utf-16", "cp1252"]))
def test_any_rows_in_any_encoding(text: str, encoding: str) -> None:
    content = HEADER + b"1,2,3,4\n" + text.encode(encoding, errors="replace")
    result = read_bytes(content)
    assert result is not None
    _accounts_for_every_line(result, content)


@FUZZ
@given(LINES)
def test_nothing_is_made_up(text: str) -> None:
    """What is accepted stands so in the file as Python's own parser reads those lines."""
    content = HEADER + b"1,2,3,4\n" + text.encode(errors="replace")
    result = read_bytes(content)
    assert result is not None
    lines = content.decode().split("\n")
    for call in result.records["calls"]:
        line = call["line"]
        assert isinstance(line, int)
        row = next(csv.reader(io.StringIO("\n".join(lines[line - 1 :]), newline="")))
        assert len(row) == 4
        assert call["caller_id"] == KEY.pseudonym("copenhagen", row[1].strip())
        assert call["callee_id"] == KEY.pseudonym("copenhagen", row[2].strip())


@FUZZ
@given(st.lists(ROW, min_size=1, max_size=40), st.integers(16, 200))
def test_where_blocks_end_changes_nothing(rows: list[str], block_bytes: int) -> None:
    text = "".join(f"{row}\n" for row in rows)
    assume(max(map(len, text.encode(errors="replace").split(b"\n"))) < block_bytes)
    content = HEADER + b"1,2,3,4\n" + text.encode(errors="replace")
    whole = read_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loaders.lines.BLOCK_BYTES", block_bytes)
        cut = read_bytes(content)
    assert whole is not None
    assert cut is not None
    assert cut.records == whole.records
    assert cut.faults == whole.faults


@FUZZ
@given(st.lists(st.text(string.printable, max_size=8), max_size=6), st.sampled_from(",;\t|"))
def test_any_header(names: list[str], delimiter: str) -> None:
    read_bytes(delimiter.join(names).encode() + b"\n1,2,3,4\n")
