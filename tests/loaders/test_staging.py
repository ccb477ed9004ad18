"""Rows become records or rejections; nothing is lost or made up."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import SourceError
from loaders.files import find_files
from loaders.kinds import KINDS
from loaders.mapping import read_source
from loaders.rejections import REJECTED
from loaders.staging import stage
from tests.loaders.tables_of import HEADER, KEY, read, read_calls

GOOD = b"60,5,6,30\n"


def test_a_call_becomes_a_record(tmp_path: Path) -> None:
    """60 s after the mapping's epoch, Monday 2014-02-03 00:00 UTC."""
    (call,) = read_calls(HEADER + GOOD, tmp_path).records["calls"]
    assert {name: value for name, value in call.items() if value is not None} == {
        "caller_id": KEY.pseudonym("copenhagen", "5"),
        "callee_id": KEY.pseudonym("copenhagen", "6"),
        "started_at": datetime(2014, 2, 3, 0, 1, tzinfo=UTC),
        "duration_s": 30,
        "is_answered": True,
        "namespace": "copenhagen",
        "file": "calls.csv",
        "line": 2,
    }


def test_minus_one_second_is_a_missed_call(tmp_path: Path) -> None:
    (call,) = read_calls(HEADER + b"60,5,6,-1\n", tmp_path).records["calls"]
    assert (call["duration_s"], call["is_answered"]) == (None, False)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (b"60,5,6,-2\n", "duration", "duration_s is below 0"),
        (b"60,5,5,30\n", "callee", "contact with oneself"),
        (b"60,5,,30\n", "callee", "callee_id is missing"),
        (b"60,5,6,\n", "duration", "is_answered is missing"),
        (b"60,5,6,long\n", "duration", "duration_s is not a number"),
        (b"60,5,6,0x10\n", "duration", "duration_s is not a number"),
        (b"60,5,6,nan\n", "duration", "duration_s is not a number"),
        (b"60,5,6,1e300\n", "duration", "duration_s is above 2,678,400"),
        (b"60,5,6,9007199254740992\n", "duration", "duration_s is above 2,678,400"),
        (b"-1,5,6,30\n", "timestamp", "timestamp is below 0"),
        (b"yesterday,5,6,30\n", "timestamp", "started_at is not a number"),
        (b"1e30,5,6,30\n", "timestamp", "started_at is not in 1980 to 2099"),
        (b"60,5,6\n", None, "has too few fields"),
        (b"60,5,6,30,7\n", None, "has too many fields"),
        (b"60,5,\xff6,30\n", None, "is not UTF-8"),
        (b"60,5,\0006,30\n", None, "holds a NUL byte"),
        (b"60,5\r,6,30\n", None, "holds a stray carriage return"),
        (b'60,5,6"7,30\n', None, "has a misplaced quote"),
        (b'60,5,"6,30\n', None, "has a quote that is never closed"),
    ],
)
def test_a_bad_row_is_rejected_and_its_neighbours_are_not(
    row: bytes, field: str | None, reason: str, tmp_path: Path
) -> None:
    result = read_calls(HEADER + GOOD + b"\n" + row + GOOD, tmp_path)
    assert result.faults == [(4, field, reason)]
    assert result.lines == [2, 5]
    (count,) = result.staged.files
    assert (count.rows_read, count.rows_rejected) == (3, 1)
    (rejection,) = result.staged.rejections
    assert (rejection.field, rejection.reason, rejection.rows) == (field, reason, 1)


def test_lines_are_physical_ones(tmp_path: Path) -> None:
    """Line 1 is the header; 3 is blank; 4 and 5 are one quoted row; 6 ends with CR LF."""
    content = HEADER + b'1,5,6,1\n\n2,"5\n5",6,1\n3,5,6,1\r\n4,5\n\r\n5,5,6,1'
    result = read_calls(content, tmp_path)
    assert result.lines == [2, 4, 6, 9]
    assert result.faults == [(7, None, "has too few fields")]
    assert result.records["calls"][1]["caller_id"] == KEY.pseudonym("copenhagen", "5\n5")


def test_lines_are_right_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64 bytes: rows, blanks and quoted rows straddle them."""
    monkeypatch.setattr("loaders.lines.BLOCK_BYTES", 64)
    rows = [b"%d,5,6,1\n" % number for number in range(500)]
    rows[100] = b'7,"5\n\n\n5",6,1\n'  # 4 lines: those after come 3 later
    rows[200] = b'7,"5,6,1\n'
    result = read_calls(HEADER + b"".join(rows), tmp_path)
    expected = [*range(2, 103), *range(106, 205), *range(206, 505)]
    assert result.lines == expected
    assert [fault[0] for fault in result.faults] == [205]


def test_a_rejected_row_is_kept_sealed_and_found_by_its_subjects(tmp_path: Path) -> None:
    (row,) = read_calls(HEADER + GOOD + b"60,4511223344,6,-9\n", tmp_path).rejected
    sealed = row["row_sealed"]
    assert isinstance(sealed, bytes)
    assert KEY.unseal(sealed) == b"60,4511223344,6,-9"
    assert row["row_digest"] == KEY.digest(b"60,4511223344,6,-9")
    assert row["subjects"] == [KEY.pseudonym("copenhagen", name) for name in ("4511223344", "6")]
    for path in (tmp_path / "staged").iterdir():
        assert b"4511223344" not in path.read_bytes()


def test_a_row_in_pieces_is_found_by_whatever_may_be_an_identity(tmp_path: Path) -> None:
    (row,) = read_calls(HEADER + GOOD + b"60,4511223344\n", tmp_path).rejected
    subjects = row["subjects"]
    assert isinstance(subjects, list)
    assert KEY.pseudonym("copenhagen", "4511223344") in subjects


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty: not even a header"),
        (b"\n\n", "is empty: not even a header"),
        (
            b"timestamp,caller,callee\n1,2,3\n",
            "column 'duration' is missing for table 'calls'; "
            "the header has 'timestamp', 'caller', 'callee'",
        ),
        (
            b"timestamp;caller;callee;duration\n1;2;3;4\n",
            "columns 'caller', 'callee', 'timestamp' and 1 more are missing for table 'calls'; "
            "the header is one field: is the delimiter ';'?",
        ),
        (b"4511223344,2,3,4\n", "its first line names no column that copenhagen knows"),
        (
            b"timestamp,caller,callee,duration,caller\n",
            "column 'caller' stands twice in the header",
        ),
        (HEADER.decode().encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (
            HEADER.decode().encode("utf-16-le"),
            "holds NUL bytes: it is not text, or UTF-16; save it as UTF-8",
        ),
        (b"timestamp,c\xffller\n", "its header is not UTF-8"),
        (
            HEADER.replace(b"\n", b"\r") + b"1,2,3,4\r",
            "its lines end with a carriage return alone; save it with line feeds",
        ),
        (b"BZh91AY&SY", "is compressed with bzip2; gzip and zstd can be read"),
        (
            HEADER + b"1,2,3,-5\n2,2,2,2\n",
            "every one of its 2 rows was rejected; line 2: duration_s is below 0",
        ),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_calls(content, tmp_path)
    assert str(caught.value) == f"{tmp_path / 'calls.csv'}: {reason}"


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_truncated_file_is_an_error(compression: str, tmp_path: Path) -> None:
    """Long enough that the header can be read: only reading to the end tells."""
    text = HEADER + b"".join(
        b"%d,%d,%d,30\n" % (n, n * 7919 % 9973, n + 9999) for n in range(99999)
    )
    packed = pa.compress(text, compression, asbytes=True)
    name = {"gzip": "calls.csv.gz", "zstd": "calls.csv.zst"}[compression]
    assert len(read_calls(packed, tmp_path, name).lines) == 99999
    with pytest.raises(SourceError, match="its compressed content is truncated or corrupt"):
        read_calls(packed[:-5], tmp_path, name)


def test_what_is_called_gz_must_be_gzip(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"calls\.csv\.gz: its name says gzip, but"):
        read_calls(HEADER + GOOD, tmp_path, "calls.csv.gz")


def test_byte_order_mark_and_compression_change_nothing(tmp_path: Path) -> None:
    plain = read_calls(HEADER + GOOD, tmp_path)
    marked = read_calls(gzip.compress(b"\xef\xbb\xbf" + HEADER + GOOD), tmp_path)
    assert marked.records == plain.records


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    result = read_calls(HEADER, tmp_path)
    assert result.records == {}
    assert result.staged.files[0].rows_read == 0


def test_the_staged_files_have_the_documented_schemas(tmp_path: Path) -> None:
    staged = read_calls(HEADER + GOOD + b"1\n", tmp_path).staged
    load_id = pa.field("load_id", pa.string(), nullable=False)
    calls = pq.read_schema(staged.records["calls"][0])
    assert calls.equals(KINDS["calls"].schema().append(load_id))
    assert pq.read_schema(staged.rejected[0]).equals(REJECTED.append(load_id))
    assert (tmp_path / "staged").stat().st_mode & 0o777 == 0o700


def test_what_seldom_repeats_is_not_told_by_a_dictionary(tmp_path: Path) -> None:
    """Nulls are told by runs (RLE) in any case, and so are numbers of a dictionary's values."""
    (file,) = read_calls(HEADER + GOOD, tmp_path).staged.records["calls"]
    group = pq.read_metadata(file).row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    told = {column.path_in_schema: set(column.encodings) - {"RLE"} for column in columns}
    assert told["started_at"] == told["duration_s"] == told["line"] == {"DELTA_BINARY_PACKED"}
    assert told["caller_id"] == told["callee_id"] == {"DELTA_LENGTH_BYTE_ARRAY"}
    assert told["file"] == {"PLAIN", "RLE_DICTIONARY"}


def test_progress_adds_up_to_the_size_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv.gz"
    path.write_bytes(gzip.compress(HEADER + GOOD * 1000))
    source = read_source("copenhagen")
    found = find_files(source, [path], KEY)
    seen: list[int] = []
    stage(found, source, KEY, tmp_path / "staged", seen.append)
    assert sum(seen) == found.size_bytes == path.stat().st_size


def test_two_files_keep_their_own_lines(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_bytes(HEADER + GOOD)
    (tmp_path / "sms.csv").write_bytes(b"timestamp,sender,recipient\n1,5,6\n2,5,5\n")
    result = read("copenhagen", [tmp_path], tmp_path)
    assert [(row["file"], row["line"]) for row in result.records["messages"]] == [("sms.csv", 2)]
    assert [(row["file"], row["line"]) for row in result.rejected] == [("sms.csv", 3)]
