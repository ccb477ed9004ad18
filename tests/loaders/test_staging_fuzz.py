"""Whatever bytes a file of calls holds: an error in plain words, or rows that add up."""

import csv
import io
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graph.errors import TiegraphError
from tests.loaders.tables_of import HEADER, KEY, Read, read_calls

FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELL = st.one_of(
    st.integers(-3, 10**7).map(str),
    st.sampled_from(["", "-1", "1e3", "nan", '"', '"7"', '"a\nb"', '""', " 5 ", "\0", "\r", "é"]),
    st.text(max_size=6),
)
ROW = st.lists(CELL, min_size=0, max_size=6).map(",".join)
END = st.sampled_from(["\n", "\r\n", "\n\n"])
LINES = st.lists(st.tuples(ROW, END).map("".join), max_size=25).map("".join)


def _read(content: bytes) -> Read | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return read_calls(content, Path(folder))
        except TiegraphError:  # any other exception fails the test
            return None


def _adds_up(result: Read, content: bytes) -> None:
    (count,) = result.staged.files
    assert count.rows_read == len(result.records.get("calls", [])) + len(result.rejected)
    assert count.rows_rejected == len(result.rejected)
    assert count.rows_rejected == sum(row.rows for row in result.staged.rejections)
    _accounts_for_every_line(result, content)


def _accounts_for_every_line(result: Read, content: bytes) -> None:
    """Each line that is not blank starts a row, or lies within a quoted one."""
    lines = content.split(b"\n")
    starts = [*result.lines, *(line for line, _, _ in result.faults)]
    assert len(set(starts)) == len(starts)
    not_blank = {number for number, line in enumerate(lines, 1) if line not in (b"", b"\r")}
    header = min(not_blank)
    assert set(starts) <= not_blank - {header}
    if b'"' not in content:
        assert set(starts) == not_blank - {header}


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    result = _read(content)
    if result is not None:
        _adds_up(result, content)


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes_below_a_header(rest: bytes) -> None:
    result = _read(HEADER + b"1,2,3,4\n" + rest)
    if result is not None:
        _adds_up(result, HEADER + b"1,2,3,4\n" + rest)
        assert 2 in result.lines


@FUZZ
@given(LINES, st.sampled_from(["utf-8", "latin-1", "utf-16", "cp1252"]))
def test_any_rows_in_any_encoding(text: str, encoding: str) -> None:
    content = HEADER + b"1,2,3,4\n" + text.encode(encoding, errors="replace")
    result = _read(content)
    assert result is not None
    _adds_up(result, content)


@FUZZ
@given(LINES)
def test_nothing_is_made_up(text: str) -> None:
    """What is accepted stands so in the file as Python's own parser reads those lines."""
    content = HEADER + b"1,2,3,4\n" + text.encode(errors="replace")
    result = _read(content)
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
    whole = _read(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loaders.lines.BLOCK_BYTES", block_bytes)
        cut = _read(content)
    assert whole is not None
    assert cut is not None
    assert cut.records == whole.records
    assert cut.faults == whole.faults


@FUZZ
@given(st.lists(st.text(string.printable, max_size=8), max_size=6), st.sampled_from(",;\t|"))
def test_any_header(names: list[str], delimiter: str) -> None:
    _read(delimiter.join(names).encode() + b"\n1,2,3,4\n")
