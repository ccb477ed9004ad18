"""Whatever JSON lines and Parquet hold: an error in plain words, or rows that add up.

The same rows give the same records in every format, and the same reasons where they are rejected.
"""

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from tests.loaders.fuzz import FUZZ, adds_up, read_bytes
from tests.loaders.tables_of import KEY, Read

NAMES: tuple[str, ...] = ("timestamp", "caller", "callee", "duration")
GOOD = {"timestamp": 60, "caller": "5", "callee": "6", "duration": 30}
ODD = ["", "-1", "0", "1e3", "nan", '"', '"7"', '""', " 5 ", "é", "0x1", "\u0661", "a,b", "-"]
TEXT = st.one_of(
    st.integers(-3, 10**7).map(str),
    st.sampled_from(ODD),
    st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=6),
)
VALUE = st.one_of(
    TEXT,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
    st.text(max_size=4),
)
TYPES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    *((kind, st.integers(0, 127)) for kind in (pa.int8(), pa.uint64(), pa.int64())),
    *((kind, st.floats(width=16)) for kind in (pa.float16(), pa.float32(), pa.float64())),
    *((kind, TEXT) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    *((kind, st.binary(max_size=4)) for kind in (pa.binary(), pa.large_binary())),
    (pa.bool_(), st.booleans()),
    (pa.timestamp("s"), st.integers(-(2**52), 2**52)),
    (pa.timestamp("ns"), st.integers(-(2**62), 2**62)),
    (pa.timestamp("ms", "Asia/Kathmandu"), st.integers(-(2**50), 2**50)),
    *((kind, st.integers(0, 80_000)) for kind in (pa.date32(), pa.time32("s"))),
    (pa.decimal128(12, 3), st.decimals(-1000, 1000, places=3)),
    (pa.null(), st.none()),
    (pa.list_(pa.int8()), st.lists(st.integers(0, 9), max_size=2)),
    (pa.dictionary(pa.int8(), pa.string()), TEXT),
]


def _json(rows: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode(errors="replace")


def _csv(rows: list[dict[str, str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, NAMES, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _parquet(columns: dict[str, pa.Array], **how: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **how)
    return file.getvalue()


def _outcomes(result: Read) -> list[object]:
    """Return what became of each row, in order: its call, or why it is none."""
    told: dict[object, object] = {line: (field, reason) for line, field, reason in result.faults}
    for call in result.records.get("calls", []):
        told[call["line"]] = {name: call[name] for name in call if name != "line"}
    return [told[line] for line in adds_up(result)]


@FUZZ
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, TEXT)), min_size=1, max_size=12))
def test_fuzz_the_same_rows_are_the_same_in_every_format(rows: list[dict[str, str]]) -> None:
    rows = [{name: str(value) for name, value in GOOD.items()}, *rows]
    columns = {name: pa.array([row[name] for row in rows]) for name in NAMES}
    read = [read_bytes(content) for content in (_csv(rows), _json(rows), _parquet(columns))]
    delimited, lines, parquet = (_outcomes(result) for result in read if result is not None)
    assert len(delimited) == len(rows)
    assert delimited == lines == parquet


@FUZZ
@given(st.binary(max_size=300))
def test_fuzz_any_bytes_among_json_lines(rest: bytes) -> None:
    content = _json([GOOD]) + rest
    result = read_bytes(content)
    assert result is not None
    lines = content.split(b"\n")
    assert adds_up(result) == [n for n, line in enumerate(lines, 1) if line not in (b"", b"\r")]


@FUZZ
@given(st.lists(st.dictionaries(st.sampled_from((*NAMES, "more")), VALUE), max_size=20))
def test_fuzz_any_objects(rows: list[dict[str, Any]]) -> None:
    result = read_bytes(_json([GOOD, *rows]))
    assert result is not None
    assert adds_up(result) == list(range(1, len(rows) + 2))
    for call in result.records["calls"]:
        row = [GOOD, *rows][int(str(call["line"])) - 1]
        assert call["callee_id"] == KEY.pseudonym("copenhagen", _identity(row["callee"]))


def _identity(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value).strip()


@FUZZ
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), VALUE), max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16", "cp037"]),
)
def test_fuzz_json_lines_in_any_encoding(rows: list[dict[str, Any]], encoding: str) -> None:
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in [GOOD, *rows])
    result = read_bytes(text.encode(encoding, errors="replace"))
    if encoding in ("utf-16", "cp037"):
        assert result is None
    else:
        assert result is not None
        assert adds_up(result)[0] == 1


@FUZZ
@given(st.data(), st.integers(1, 12), st.sampled_from(["none", "snappy", "zstd"]))
def test_fuzz_columns_of_any_type(data: st.DataObject, rows: int, compression: str) -> None:
    columns = {name: pa.array([value] * rows) for name, value in GOOD.items()}
    for name in data.draw(st.permutations((*NAMES, "more")))[: data.draw(st.integers(1, 3))]:
        kind, values = data.draw(st.sampled_from(TYPES))
        drawn = data.draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns[name] = pa.array(drawn, kind)
    result = read_bytes(_parquet(columns, compression=compression, row_group_size=5))
    if result is not None:
        assert adds_up(result) == list(range(1, rows + 1))


@FUZZ
@given(st.data(), st.sampled_from(["none", "snappy"]), st.booleans())
def test_fuzz_damaged_parquet(data: st.DataObject, compression: str, has_checksums: bool) -> None:
    columns = {name: pa.array([str(value)] * 50) for name, value in GOOD.items()}
    content = bytearray(
        _parquet(columns, compression=compression, write_page_checksum=has_checksums)
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = data.draw(st.integers(0, 255))
        else:
            del content[at : at + data.draw(st.integers(1, 40))]
    result = read_bytes(bytes(content))
    if result is not None:
        assert adds_up(result) == list(range(1, len(result.lines) + len(result.faults) + 1))
