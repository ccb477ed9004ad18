"""A drafted mapping can be loaded, or says what is missing, and shows nobody's data."""

import gzip
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.documents import Document
from graph.errors import SourceError
from loaders.draft import draft
from loaders.mapping import read_source
from tests.lab import TIEGRAPH
from tests.loaders.fuzz import FUZZ
from tests.loaders.tables_of import Read, read

# Rejected are 366 missed calls, whose duration is -1, and five rows whose loss is in percent.
REAL = {
    "cns/calls.csv": ("calls", 3600 - 366),
    "cns/sms.csv": ("messages", 24333),
    "cns/fb_friends.csv": ("ties", 6429),
    "cns/genders.csv": ("subscribers", 787),
    "bandicoot/antennas.csv": ("cells", 27),
    "ibm_telco_churn/Telco-Customer-Churn.csv": ("subscribers", 7043),
    "irish_5g/Download__Driving__B_2020.02.14_09.38.22.csv": ("measurements", 1646 - 5),
    "opencellid_tartu/cells.csv": ("cells", 1996),
}
INCOMPLETE = {
    "bandicoot/ego.csv": {"caller_id", "sender_id"},
    "bandicoot/tests_samples/samples/manual/recharges/A.csv": {"subscriber_id"},
    "poqemon/pokemon.csv": {"started_at"},
}
WORDS = ("msisdn", "timestamp", "caller", "b_number", "gender", "type", "lac", "ci", "amount", "f",
         "2026-01-01", "1,5", "-", "call", "sms", "\"a\nb\"", "4512345678")  # fmt: skip
OPERATOR = """A_NUMBER;B_NUMBER;START_TIME;DURATION_MIN;LAC;CI;CALL_TYPE;GENDER
+45 12 34 56 78;4587654321;01.07.2026 12:00:00;1,5;17;4711;MOC;f
4512345678;4587654321;02.07.2026 12:00:00;2;17;4712;SMS-MO;f
4511111111;4522222222;03.07.2026 12:00:00;2;17;4712;VIDEO;x
"""


def _loaded(file: Path, folder: Path) -> Read:
    mapping = folder / "drafted.yaml"
    mapping.write_text(draft(file))
    return read(read_source(mapping), [file], folder)


@pytest.mark.parametrize("name", REAL)
def test_the_draft_of_a_real_set_can_be_loaded(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    kind, records = REAL[name]
    result = _loaded(shared_data / name, tmp_path)
    assert {kind: len(rows) for kind, rows in result.records.items()} == {kind: records}
    assert {reason for _, _, reason in result.faults} <= {
        "duration_s is below 0",
        "loss_ratio is above 1",
    }


@pytest.mark.parametrize("name", INCOMPLETE)
def test_or_says_what_is_missing(name: str, shared_data: Path, tmp_path: Path) -> None:
    text = draft(shared_data / name)
    assert set(re.findall(r"# missing: (\w+)", text)) == INCOMPLETE[name]
    (tmp_path / "drafted.yaml").write_text(text)
    with pytest.raises(SourceError, match="is missing: every record of"):
        read_source(tmp_path / "drafted.yaml")


def test_an_operator_s_own_words_are_understood(tmp_path: Path) -> None:
    (tmp_path / "switch.csv").write_text(OPERATOR)
    assert draft(tmp_path / "switch.csv").splitlines()[5:] == [
        "tables:",
        "  table:",
        '    delimiter: ";"',
        "    records:",
        "      - kind: calls",
        '        when: {CALL_TYPE: ["MOC"]}',
        "        columns:",
        "          caller_id: A_NUMBER",
        "          callee_id: B_NUMBER",
        '          started_at: {column: START_TIME, format: "%d.%m.%Y %H:%M:%S", time_zone: UTC}'
        "  # which clock wrote it is not stated",
        '          duration_s: {column: DURATION_MIN, unit: min, decimal_mark: ","}',
        '          is_answered: {constant: "true"}'
        "  # assumed: no column says that a call was missed",
        "          caller_cell_id: {join: [LAC, CI]}",
        "      - kind: messages",
        '        when: {CALL_TYPE: ["SMS-MO"]}',
        "        columns:",
        "          sender_id: A_NUMBER",
        "          recipient_id: B_NUMBER",
        '          sent_at: {column: START_TIME, format: "%d.%m.%Y %H:%M:%S", time_zone: UTC}'
        "  # which clock wrote it is not stated",
        "          sender_cell_id: {join: [LAC, CI]}",
        "# Not read: GENDER",
    ]


def test_it_shows_nobody_s_data(tmp_path: Path) -> None:
    (tmp_path / "switch.csv").write_text(OPERATOR)
    text = draft(tmp_path / "switch.csv")
    for row in OPERATOR.splitlines()[1:]:
        assert not any(field in text for field in row.split(";")[:6] if len(field) > 1)


def test_a_first_line_of_data_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("Alice,Bob,2026-01-01\nCarol,Dave,2026-01-02\n")
    text = draft(tmp_path / "calls.csv")
    assert "header: [column_1, column_2, column_3]" in text
    assert not any(name in text for name in ("Alice", "Bob", "Carol", "Dave", "2026-01"))


@pytest.mark.parametrize(
    ("text", "format_", "comment"),
    [
        ("01/02/2026 10:00", "%d/%m/%Y %H:%M", 'fits as well: "%m/%d/%Y %H:%M"; which clock'),
        ("13/02/2026 10:00", "%d/%m/%Y %H:%M", "which clock wrote it is not stated"),
        ("02/13/2026 10:00", "%m/%d/%Y %H:%M", "which clock wrote it is not stated"),
        ("2026-02-13T10:00:00Z", "iso", ""),
        ("2026-02-13 10:00:00", "iso", "which clock wrote it is not stated"),
        ("20260213100000", "%Y%m%d%H%M%S", "which clock wrote it is not stated"),
    ],
)
def test_what_is_not_sure_of_a_time_is_said(
    text: str, format_: str, comment: str, tmp_path: Path
) -> None:
    (tmp_path / "seen.csv").write_text(f"msisdn,timestamp,cell_id\n1,{text},7\n")
    (line,) = (line for line in draft(tmp_path / "seen.csv").splitlines() if "seen_at" in line)
    assert f"format: {json.dumps(format_)}" in line
    assert comment in line
    assert bool(comment) == ("#" in line)


def test_a_number_of_seconds_or_milliseconds_is_known_by_its_size(tmp_path: Path) -> None:
    for number, unit in ((1_770_000_000, "s"), (1_770_000_000_000, "ms")):
        (tmp_path / "seen.csv").write_text(f"msisdn,timestamp,cell_id\n1,{number},7\n")
        value = f"{{column: timestamp, epoch: 1970-01-01T00:00:00Z, unit: {unit}}}"
        assert f"seen_at: {value}\n" in draft(tmp_path / "seen.csv")


def test_every_format_of_file_can_be_drafted(tmp_path: Path) -> None:
    rows: dict[str, list[object]] = {
        "msisdn": ["a"],
        "timestamp": ["2026-01-01T10:00:00Z"],
        "cell": [{"id": 7}],
    }
    first = {name: values[0] for name, values in rows.items()}
    (tmp_path / "seen.json.gz").write_bytes(gzip.compress(json.dumps(first).encode()))
    pq.write_table(pa.table(rows), tmp_path / "seen.parquet")
    for name in ("seen.json.gz", "seen.parquet"):
        (seen,) = _loaded(tmp_path / name, tmp_path).records["locations"]
        assert seen["cell_id"] == "drafted:7"


@settings(parent=FUZZ, max_examples=40)
@given(
    st.sampled_from(",;\t|").flatmap(
        lambda mark: st.lists(
            st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=5).map(mark.join),
            max_size=8,
        ).map("\n".join)
    )
    | st.binary(max_size=200).map(lambda content: content.decode("latin-1"))
    | st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=3))).map(
        lambda rows: "\n".join(map(json.dumps, rows))
    )
)
def test_fuzz_a_draft_is_yaml_or_an_error(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        try:
            drafted = draft(path)
        except SourceError:
            return
        (Path(folder) / "drafted.yaml").write_text(drafted)
        assert "tables" in Document(Path(folder) / "drafted.yaml").content


def test_what_is_no_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(SourceError, match=r"empty\.csv: is empty: not even a header"):
        draft(tmp_path / "empty.csv")


def test_the_command_prints_it_and_the_bare_command_lists(tmp_path: Path) -> None:
    (tmp_path / "switch.csv").write_text(OPERATOR)
    drafted = subprocess.run(
        [TIEGRAPH, "sources", "draft", tmp_path / "switch.csv"], capture_output=True, text=True
    )
    assert drafted.stdout == draft(tmp_path / "switch.csv")
    listed = subprocess.run([TIEGRAPH, "sources"], capture_output=True, text=True)
    assert "flowkit" in listed.stdout
