"""Parquet becomes the same records as delimited text, with the same guarantees."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import SourceError
from loaders.files import find_files
from loaders.mapping import read_source
from loaders.parquet import as_text
from loaders.staging import stage
from tests.loaders.tables_of import KEY, NESTED, Read, read

CALLS: dict[str, Any] = {
    "timestamp": [60, 61],
    "caller": [5, 6],
    "callee": ["6", "5"],
    "duration": [30, -1],
}


def _written(
    folder: Path, columns: dict[str, Any], name: str = "calls.parquet", **how: Any
) -> Path:
    pq.write_table(pa.table(columns), folder / name, **how)
    return folder / name


def _read(path: Path, table: str = "calls") -> Read:
    return read("copenhagen", [path], path.parent, table)


def test_rows_are_numbered_over_row_groups(tmp_path: Path) -> None:
    count = 200_000
    columns = {name: values * (count // 2) for name, values in CALLS.items()}
    path = _written(tmp_path, columns, row_group_size=70_000, compression="zstd")
    result = _read(path)
    assert result.lines == list(range(1, count + 1))
    (file,) = result.staged.files
    assert (file.rows_read, file.rows_rejected) == (count, 0)
    assert file.sha256 == sha256(path.read_bytes()).hexdigest()
    assert file.size_bytes == path.stat().st_size


def test_progress_sums_to_the_size(tmp_path: Path) -> None:
    path = _written(tmp_path, {name: values * 5000 for name, values in CALLS.items()})
    source, told = read_source("copenhagen"), list[int]()
    found = find_files(source, [path], KEY, "calls")
    stage(found, source, KEY, tmp_path / "staged", told.append)
    assert sum(told) == found.size_bytes == path.stat().st_size


@pytest.mark.parametrize(
    "caller",
    [
        pa.array([5, 6], pa.int32()),
        pa.array([5.0, 6.0]),
        pa.array(["5", "6"]),
        pa.array(["5", "6"], pa.large_string()),
        pa.array([b"5", b"6"]),
        pa.array(["5", "6"]).dictionary_encode(),
        pa.array([Decimal(5), Decimal(6)], pa.decimal128(5, 0)),
    ],
)
def test_an_identity_is_the_same_in_every_type(caller: pa.Array, tmp_path: Path) -> None:
    calls = _read(_written(tmp_path, CALLS | {"caller": caller})).records["calls"]
    assert [call["caller_id"] for call in calls] == [
        KEY.pseudonym("copenhagen", "5"),
        KEY.pseudonym("copenhagen", "6"),
    ]


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([2**63 - 1]), "9223372036854775807"),
        (pa.array([4512345678.0]), "4512345678"),
        (pa.array([351756051523999.0]), "351756051523999"),
        (pa.array([0.1], pa.float32()), "0.1"),
        (pa.array([1e300]), "1e+300"),
        (pa.array([float("nan")]), ""),
        (pa.array([None], pa.null()), ""),
        (pa.array([True]), "true"),
        (pa.array([Decimal("12.50")]), "12.50"),
        (pa.array([date(2026, 1, 2)]), "2026-01-02"),
        (pa.array([date(2026, 1, 2)], pa.date64()), "2026-01-02"),
        (pa.array([10_800], pa.timestamp("s")), "1970-01-01 03:00:00"),
        (
            pa.array([datetime(2026, 7, 1, 12, tzinfo=UTC)], pa.timestamp("ms", "Europe/Paris")),
            "2026-07-01 12:00:00.000Z",
        ),
        (pa.array([1], pa.timestamp("ns")), "1970-01-01 00:00:00.000000001"),
    ],
)
def test_values_become_exact_text(array: pa.Array, text: str) -> None:
    assert as_text(array).to_pylist() == [text]


def test_a_bad_row_is_rejected_with_the_row_as_json(tmp_path: Path) -> None:
    columns = CALLS | {
        "callee": ["6", "6"],
        "extra": pa.array([[1], [2, 3]]),
        "more": [{"at": 1}, {"at": None}],
    }
    result = _read(_written(tmp_path, columns))
    assert result.faults == [(2, "callee", "contact with oneself")]
    sealed = result.rejected[0]["row_sealed"]
    assert isinstance(sealed, bytes)
    row = json.loads(KEY.unseal(sealed))
    assert row.pop("extra").split() == ["[", "[", "2,", "3", "]", "]"]
    assert row == {
        "timestamp": "61",
        "caller": "6",
        "callee": "6",
        "duration": "-1",
        "more.at": None,
    }
    assert result.rejected[0]["subjects"] == [KEY.pseudonym("copenhagen", "6")]


def test_text_that_is_none_is_refused(tmp_path: Path) -> None:
    callee = pa.array([b"6", b"\xff", b"7\0"]).view(pa.string())
    columns = {name: [values[0]] * 3 for name, values in CALLS.items()}
    result = _read(_written(tmp_path, columns | {"callee": callee}))
    reason = "is not UTF-8 or holds a NUL byte"
    assert result.faults == [(2, None, reason), (3, None, reason)]
    assert result.lines == [1]


def test_structures_are_named_with_dots(tmp_path: Path) -> None:
    at = pa.array([datetime(2026, 7, 1, 12, tzinfo=UTC)], pa.timestamp("us", "Europe/Paris"))
    columns = {"who": ["w"], "at": at, "cell": [{"id": 7, "lac": None}]}
    path = _written(tmp_path, columns, "seen.pq")
    (seen,) = read(NESTED, [path], tmp_path).records["locations"]
    assert (seen["cell_id"], seen["seen_at"]) == ("nested:7", datetime(2026, 7, 1, 12, tzinfo=UTC))


def test_a_column_of_lists_is_an_error_where_it_is_wanted(tmp_path: Path) -> None:
    path = _written(tmp_path, CALLS | {"caller": [[5], [6]]})
    with pytest.raises(SourceError, match="column 'caller' holds no single values"):
        _read(path)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_an_error_that_names_it(kept: float, tmp_path: Path) -> None:
    path = _written(tmp_path, {name: values * 5000 for name, values in CALLS.items()})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(SourceError, match=r"calls\.parquet: is a Parquet file that is truncated"):
        _read(path)


def test_a_corrupt_page_is_an_error_where_the_file_has_checksums(tmp_path: Path) -> None:
    columns = {name: values * 5000 for name, values in CALLS.items()}
    path = _written(tmp_path, columns, write_page_checksum=True, compression="none")
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceError, match="truncated or corrupt"):
        _read(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = _written(tmp_path, {name: CALLS[name] for name in ("timestamp", "caller", "callee")})
    with pytest.raises(SourceError, match="column 'duration' is missing"):
        _read(path)
