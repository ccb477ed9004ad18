"""Mappings are checked when they are read, and what they say is what happens."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import SourceError
from loaders.mapping import read_source, source_names
from tests.loaders.tables_of import KEY, read

HEAD = "title: t\nlicence: l\n"
CELLS = """tables:
  cells:
    records:
      - kind: cells
        columns:
          cell_id: id
          lat_deg: lat
          lon_deg: lon
"""


def _source(tmp_path: Path, tables: str, head: str = HEAD) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(head + tables)
    return path


def test_the_mapping_that_the_errors_start_from_is_right(tmp_path: Path) -> None:
    assert read_source(_source(tmp_path, CELLS)).tables["cells"].columns == ["id", "lat", "lon"]


def test_the_bundled_sources_can_be_read() -> None:
    assert {"bandicoot", "copenhagen", "flowkit", "opencellid"} <= set(source_names())
    assert [read_source(name).namespace for name in source_names()] == source_names()


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("kind: cells", "kind: masts", r"line 6: tables.cells.records[0].kind: 'masts' is none of"),
        (
            "          lat_deg: lat\n",
            "",
            "line 7: tables.cells.records[0].columns: lat_deg is missing",
        ),
        ("lon_deg: lon", "lon: lon", "lon_deg is missing: every record of cells has one"),
        (
            "lon_deg: lon\n",
            "lon_deg: lon\n          tilt_deg: a\n",
            "line 11: tables.cells.records[0].columns.tilt_deg: records of cells have no such",
        ),
        (
            "lon_deg: lon\n",
            "lon_deg: lon\n          valid_from: since\n",
            "line 11: tables.cells.records[0].columns.valid_from: a time needs either format or",
        ),
        (
            "lon_deg: lon\n",
            "lon_deg: lon\n          valid_from: {column: since, format: '%Y-%m-%d'}\n",
            "time_zone is missing: say which clock wrote the text",
        ),
        (
            "lon_deg: lon\n",
            "lon_deg: lon\n          valid_from: {column: a, format: iso, time_zone: Moon}\n",
            "time_zone 'Moon' is not known",
        ),
        (
            "lon_deg: lon\n",
            "lon_deg: lon\n          valid_from: {column: since, format: '%Q'}\n",
            "'%Q' is not a format with at least %Y, %m and %d",
        ),
        ("lat_deg: lat", "lat_deg: {column: lat, unit: km}", "unit 'km' is none of deg"),
        ("lat_deg: lat", "lat_deg: {column: lat, constant: '1'}", "needs exactly one of"),
        ("lat_deg: lat", "lat_deg: {column: lat, optional: true}", "is mandatory, so"),
        ("lat_deg: lat", "lat_deg: {column: lat, otherwise: '1'}", "otherwise needs values"),
        ("lat_deg: lat", "lat_deg: {colum: lat}", "columns.lat_deg.colum: is not a key"),
        ("cell_id: id", "cell_id: {column: id, minimum: 1}", "minimum and maximum are for numbers"),
        (
            "cell_id: id",
            "cell_id: {from: file_name}",
            "only what becomes a pseudonym can come from",
        ),
        ("cell_id: id", "cell_id: {join: [a], constant: b}", "needs exactly one of column, join,"),
        (
            "cell_id: id",
            "cell_id: {join: [a, b], from: file_name}",
            "only what becomes a pseudonym",
        ),
        ("title: t\n", "", "line 1: title: is missing"),
        ("licence: l\n", "licence: l\nlicence: m\n", "line 3: licence: stands twice"),
        ("title: t", "title: [t", "is not YAML"),
        ("title: t", "identities: {format: msisdn}\ntitle: t", "country_code is missing"),
        ("title: t", "identities: {namespace: A B}\ntitle: t", "identities.namespace: "),
    ],
)
def test_an_error_names_file_line_key_and_reason(
    old: str, new: str, error: str, tmp_path: Path
) -> None:
    text = (HEAD + CELLS).replace(old, new)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SourceError, match=re.escape(error)) as caught:
        read_source(path)
    assert str(caught.value).startswith("mine.yaml, line ")


@pytest.mark.parametrize("delimiter", ["€", "\\n", "\\r", "\\0", '\\"'])
def test_a_delimiter_that_no_file_could_have_is_refused(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        (HEAD + CELLS).replace("    records:", f'    delimiter: "{delimiter}"\n    records:')
    )
    with pytest.raises(
        SourceError, match=r"\.delimiter: must be one ASCII character, and"
    ) as caught:
        read_source(path)
    line = path.read_text().split("delimiter")[0].count("\n") + 1
    assert str(caught.value).startswith(f"mine.yaml, line {line}: tables.")


def test_a_value_within_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: &title [*title]\nlicence: l\ntables: {}\n")
    with pytest.raises(SourceError, match=r"mine\.yaml: is nested too deeply, or an alias stands"):
        read_source(path)


def test_aliases_that_stand_for_billions_are_refused(tmp_path: Path) -> None:
    """Nine lines of nine aliases each would make 387 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(SourceError, match=r"mine\.yaml: holds more than 100,000 values"):
        read_source(path)


def test_an_unknown_source_is_told_the_known_ones() -> None:
    with pytest.raises(SourceError, match="'oslo'; there are bandicoot, cider, copenhagen, "):
        read_source("oslo")
    with pytest.raises(SourceError, match=r"oslo\.yaml: No such file"):
        read_source("oslo.yaml")


def test_money_has_its_currency_s_decimals(tmp_path: Path) -> None:
    """29.85 dollars are 2,985 cents; a yen has no decimals; a Kuwaiti dinar has three."""
    for currency, text, minor in (("USD", "29.85", 2985), ("JPY", "30", 30), ("KWD", "1.5", 1500)):
        mapping = f"""tables:
  payments:
    records:
      - kind: payments
        columns:
          payment_id: id
          subscriber_id: who
          amount_minor: {{column: amount, unit: major}}
          currency: {{constant: {currency}}}
"""
        (tmp_path / "paid.csv").write_text(f"id,who,amount\n1,2,{text}\n2,2,0.0001\n")
        result = read(read_source(_source(tmp_path, mapping)), [tmp_path / "paid.csv"], tmp_path)
        (payment,) = result.records["payments"]
        assert payment["amount_minor"] == minor
        assert payment["payment_id"] == KEY.pseudonym("mine/payment_id", "1")
        assert result.faults == [(3, "amount", "amount_minor is not a whole number")]


CALLS = """tables:
  calls:
    delimiter: ";"
    missing: ["NULL"]
    records:
      - kind: calls
        columns:
          caller_id: a
          callee_id: b
          started_at: {column: at, format: "%d.%m.%Y %H:%M", time_zone: Europe/Copenhagen}
          duration_s: {column: spoken, unit: min, decimal_mark: ","}
          is_answered: {column: spoken, values: {"0": "no"}, otherwise: "yes"}
          caller_cell_id: {column: cell, optional: true}
"""


def test_a_foreign_layout_is_a_matter_of_mapping(tmp_path: Path) -> None:
    """Copenhagen is at UTC+1 in winter and +2 in summer; on 2024-03-31 02:30 did not happen."""
    head = HEAD + 'identities: {namespace: msisdn, format: msisdn, country_code: "45"}\n'
    path = tmp_path / "cdr.txt"
    path.write_text(
        "a;b;at;spoken\n"
        "+45 11 22 33 44;0045 55667788;01.01.2024 12:00;1,5\n"
        "011223344;4555667788;01.07.2024 12:00;0,25\n"
        "4511223344;4555667788;31.03.2024 02:30;1\n"
        "4511223344;4555667788;30.02.2024 02:30;1\n"
        "4511223344;112;01.01.2024 12:00;1\n"
        "4511223344;NULL;01.01.2024 12:00;1\n"
        "4511223344;4555667788;01.01.2024 12:00;1.5\n"
    )
    result = read(read_source(_source(tmp_path, CALLS, head)), [path], tmp_path)
    caller, callee = (KEY.pseudonym("msisdn", name) for name in ("4511223344", "4555667788"))
    assert [
        (call["caller_id"], call["callee_id"], call["started_at"], call["duration_s"])
        for call in result.records["calls"]
    ] == [
        (caller, callee, datetime(2024, 1, 1, 11, tzinfo=UTC), 90),
        (caller, callee, datetime(2024, 7, 1, 10, tzinfo=UTC), 15),
    ]
    assert result.faults == [
        (4, "at", "started_at is a time that the clock skipped"),
        (5, "at", "started_at is not a time as the mapping says"),
        (6, "b", "callee_id is not a telephone number"),
        (7, "b", "callee_id is missing"),
        (8, "spoken", "duration_s is not a number"),
    ]


def test_places_must_be_on_earth_and_not_at_zero(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("id,lat,lon\n7,55.7,12.5\n8,0,0\n9,90.1,0\n10,1,-180.5\n11,0,12.5\n")
    result = read(read_source(_source(tmp_path, CELLS)), [path], tmp_path)
    assert [cell["cell_id"] for cell in result.records["cells"]] == ["mine:7", "mine:11"]
    assert result.faults == [
        (3, "lat", "lat_deg and lon_deg are both 0"),
        (4, "lat", "lat_deg is above 90"),
        (5, "lon", "lon_deg is below -180"),
    ]


def test_a_row_that_no_record_wants_is_rejected(tmp_path: Path) -> None:
    """Only calls and texts, in and out, are foreseen by bandicoot's layout."""
    path = tmp_path / "5.csv"
    path.write_text(
        "interaction,direction,correspondent_id,datetime,call_duration\n"
        "call,out,6,2014-03-02 07:13:30,9\n"
        "fax,out,6,2014-03-02 07:13:30,\n"
        "text,up,6,2014-03-02 07:13:30,\n"
    )
    result = read("bandicoot", [path], tmp_path)
    assert result.faults == [
        (3, "interaction", "value not foreseen"),
        (4, "direction", "value not foreseen"),
    ]
    owner = KEY.pseudonym("bandicoot", "5")
    assert [row["subjects"] for row in result.rejected] == [
        [owner, KEY.pseudonym("bandicoot", "6")]
    ] * 2
    assert result.records["calls"][0]["caller_id"] == owner


def test_dates_and_offsets(tmp_path: Path) -> None:
    mapping = """tables:
  people:
    records:
      - kind: subscribers
        columns:
          subscriber_id: who
          as_of: {column: at, format: iso, time_zone: UTC}
          joined_on: {column: joined, format: "%Y%m%d"}
"""
    path = tmp_path / "people.csv"
    path.write_text("who,at,joined\n1,2024-01-01T00:30:00+02:00,20240229\n2,2024-01-01,20230229\n")
    result = read(read_source(_source(tmp_path, mapping)), [path], tmp_path)
    (person,) = result.records["subscribers"]
    assert person["as_of"] == datetime(2023, 12, 31, 22, 30, tzinfo=UTC)
    assert person["joined_on"] == date(2024, 2, 29)
    assert result.faults == [(3, "joined", "joined_on is not a time as the mapping says")]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_date_is_the_day_that_its_text_says(tmp_path: Path, ending: str) -> None:
    """Neither an offset nor the zone of a clock moves it to the day before."""
    mapping = """tables:
  people:
    records:
      - kind: subscribers
        columns:
          subscriber_id: who
          joined_on: {column: joined, format: iso}
          as_of: {column: at, format: iso, time_zone: UTC}
"""
    joined = ["2026-01-31", "2026-01-31T23:30:00-05:00", "2026-01-31 00:30:00+02:00", "2026-02-30"]
    rows = [{"who": str(n), "joined": t, "at": "2026-03-01"} for n, t in enumerate(joined)]
    path = tmp_path / f"people.{ending}"
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [",".join(row.values()) for row in rows]
        path.write_text("\n".join(["who,joined,at", *lines]) + "\n")
    result = read(read_source(_source(tmp_path, mapping)), [path], tmp_path)
    days = [row["joined_on"] for row in result.records["subscribers"]]
    assert days == [date(2026, 1, 31)] * 3
    assert [fault[1:] for fault in result.faults] == [
        ("joined", "joined_on is not a time as the mapping says")
    ]


def test_a_parquet_date_is_a_date(tmp_path: Path) -> None:
    mapping = """tables:
  people:
    records:
      - kind: subscribers
        columns: {subscriber_id: who, joined_on: {column: joined, format: iso}}
"""
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"who": ["1"], "joined": [date(2026, 1, 31)]}), path)
    result = read(read_source(_source(tmp_path, mapping)), [path], tmp_path)
    assert [row["joined_on"] for row in result.records["subscribers"]] == [date(2026, 1, 31)]


def test_columns_are_joined_in_order(tmp_path: Path) -> None:
    """Where one of the parts is not known, the whole is not, and a cell must have its name."""
    mapping = CELLS.replace("cell_id: id", "cell_id: {join: [lac, ci], separator: /, missing: '-'}")
    (tmp_path / "cells.csv").write_text("ci,lac,lat,lon\n7,1,55,12\n8,,55,12\n-,1,55,12\n")
    result = read(read_source(_source(tmp_path, mapping)), [tmp_path / "cells.csv"], tmp_path)
    assert [cell["cell_id"] for cell in result.records["cells"]] == ["mine:1/7"]
    assert result.faults == [
        (3, "lac, ci", "cell_id is missing"),
        (4, "lac, ci", "cell_id is missing"),
    ]


def test_a_date_and_a_time_of_day_may_stand_in_two_columns(tmp_path: Path) -> None:
    mapping = f"""{CELLS}          valid_from:
            {{join: [day, clock], separator: " ", format: "%d.%m.%Y %H:%M", time_zone: UTC}}
"""
    (tmp_path / "cells.csv").write_text("id,lat,lon,day,clock\n7,55,12,01.02.2026,03:04\n")
    result = read(read_source(_source(tmp_path, mapping)), [tmp_path / "cells.csv"], tmp_path)
    assert result.records["cells"][0]["valid_from"] == datetime(2026, 2, 1, 3, 4, tzinfo=UTC)


def test_a_file_without_a_header_has_its_columns_named(tmp_path: Path) -> None:
    mapping = CELLS.replace("  cells:\n", "  cells:\n    header: [id, lat, lon, more]\n")
    source = read_source(_source(tmp_path, mapping))
    (tmp_path / "cells.csv").write_text("\n7,55,12,\n8,91,12,\n9,55\n")
    result = read(source, [tmp_path / "cells.csv"], tmp_path)
    assert [cell["line"] for cell in result.records["cells"]] == [2]
    assert result.faults == [(3, "lat", "lat_deg is above 90"), (4, None, "has too few fields")]
    for content, reason in (
        ("7,55,12\n", "its first line has 3 fields where the mapping names 4"),
        ("id,lat,lon,more\n7,55,12,\n", "its first line is a header; the mapping says that there"),
    ):
        (tmp_path / "cells.csv").write_text(content)
        with pytest.raises(SourceError, match=reason):
            read(source, [tmp_path / "cells.csv"], tmp_path)


def test_an_offset_may_be_hours_alone(tmp_path: Path) -> None:
    """PostgreSQL writes a TIMESTAMPTZ as 2016-01-01 00:01:35+00."""
    mapping = f"{CELLS}          valid_from: {{column: since, format: iso, time_zone: UTC}}\n"
    (tmp_path / "cells.csv").write_text(
        "id,lat,lon,since\n1,55,12,2016-01-01 00:01:35+00\n2,55,12,2016-01-01 00:01:35.5-03\n"
    )
    cells = read(read_source(_source(tmp_path, mapping)), [tmp_path / "cells.csv"], tmp_path)
    assert [cell["valid_from"] for cell in cells.records["cells"]] == [
        datetime(2016, 1, 1, 0, 1, 35, tzinfo=UTC),
        datetime(2016, 1, 1, 3, 1, 35, 500_000, tzinfo=UTC),
    ]
