"""JSON lines become the same records as delimited text, with the same guarantees."""

import gzip
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from graph.errors import SourceError
from tests.loaders.tables_of import KEY, NESTED, read, read_calls

GOOD = b'{"timestamp": 60, "caller": 5, "callee": "6", "duration": 30}\n'


def test_numbers_and_texts_are_the_same_identity(tmp_path: Path) -> None:
    result = read_calls(GOOD + b"\n" + GOOD.replace(b"5", b'"5"'), tmp_path, "calls.jsonl")
    first, second = result.records["calls"]
    assert first["caller_id"] == second["caller_id"] == KEY.pseudonym("copenhagen", "5")
    assert result.lines == [1, 3]


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_it_may_be_compressed(compression: str, tmp_path: Path) -> None:
    content = GOOD * 1000
    packed = gzip.compress(content) if compression == "gzip" else _zstd(content)
    result = read_calls(packed, tmp_path)
    (count,) = result.staged.files
    assert (count.rows_read, count.rows_rejected, count.size_bytes) == (1000, 0, len(packed))
    assert count.sha256 == sha256(packed).hexdigest()


def _zstd(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


def test_a_truncated_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"calls\.csv: its compressed content is truncated"):
        read_calls(gzip.compress(GOOD * 9999)[:-9], tmp_path)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (b"{", None, "is not JSON"),
        (b'{"timestamp": NaN}', None, "is not JSON"),
        (b'{"timestamp": 60,}', None, "is not JSON"),
        (b"[1, 2]", None, "is not a JSON object"),
        (b"7", None, "is not a JSON object"),
        (b'{"caller": "\xff"}', None, "is not UTF-8"),
        (b'{"caller": 5, "caller": 6}', None, "has a key twice"),
        (b'{"caller": {"id": 5}}', None, "has a list or an object where a value is wanted"),
        (b'{"caller": [5]}', None, "has a list or an object where a value is wanted"),
        (b'{"caller": "\\u0000"}', None, "holds a NUL byte"),
        (b'{"caller": "\\ud800"}', None, "holds half a character"),
        (b'{"a": ' + b"[" * 10**5 + b"]" * 10**5 + b"}", None, "is nested too deeply"),
        (b'{"timestamp": 60, "caller": 5, "callee": 6}', "duration", "is_answered is missing"),
        (
            b'{"timestamp": 60, "caller": null, "callee": 6, "duration": 1}',
            "caller",
            "caller_id is missing",
        ),
        (
            b'{"timestamp": true, "caller": 5, "callee": 6, "duration": 1}',
            "timestamp",
            "started_at is not a number",
        ),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(
    row: bytes, field: str | None, reason: str, tmp_path: Path
) -> None:
    result = read_calls(GOOD + row + b"\n" + GOOD, tmp_path)
    assert result.faults == [(2, field, reason)]
    assert result.lines == [1, 3]
    sealed = result.rejected[0]["row_sealed"]
    assert isinstance(sealed, bytes)
    assert KEY.unseal(sealed) == row


def test_nested_keys_are_named_with_dots(tmp_path: Path) -> None:
    """`event` is in no object of the first 64 KiB, and is still read."""
    row = b'{"who": "w", "at": "2026-01-01T10:00:00Z", "cell": {"id": 123456789012345678901}}\n'
    late = row.replace(b'"who"', b'"event": "attach", "who"')
    (tmp_path / "seen.jsonl").write_bytes(row * 1000 + late)
    seen = read(NESTED, [tmp_path / "seen.jsonl"], tmp_path).records["locations"]
    assert {place["cell_id"] for place in seen} == {"nested:123456789012345678901"}
    assert [place["line"] for place in seen if place["event"] == "attach"] == [1001]


def test_a_key_with_a_dot_is_that_key(tmp_path: Path) -> None:
    row = b'{"who": "w", "at": "2026-01-01", "cell.id": "flat", "cell": {"id": "deep"}}\n'
    (tmp_path / "seen.jsonl").write_bytes(row)
    (place,) = read(NESTED, [tmp_path / "seen.jsonl"], tmp_path).records["locations"]
    assert place["cell_id"] == "nested:flat"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"timestamp": 60}]\n', "is one JSON document; save it as JSON lines"),
        (b"{\n", "its first line is not JSON; JSON lines have one object on each"),
        (b'{"timestamp": 60}\n', "columns 'caller', 'callee', 'duration' are missing"),
    ],
)
def test_what_is_no_table_is_an_error(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=reason):
        read_calls(content, tmp_path)
