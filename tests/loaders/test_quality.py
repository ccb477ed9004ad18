"""Checks on hand-made records; every expected number is counted on the rows above it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from ibis.expr.types import Table

from graph.quality import MEANINGS, QualityCheck, QualityReport
from loaders.engine import connect
from loaders.files import find_files
from loaders.kinds import KINDS
from loaders.mapping import read_source
from loaders.quality import kind_checks, measure
from loaders.staging import stage
from loaders.store import RecordStore
from tests.loaders.records_of import at, table_of
from tests.loaders.tables_of import KEY

CALLS = (
    {"caller_id": "a", "callee_id": "b", "started_at": at(1), "caller_cell_id": "x"},
    {"caller_id": "a", "callee_id": "b", "started_at": at(1), "callee_cell_id": "y"},
    {"caller_id": "b", "callee_id": "c", "started_at": at(9, day=3), "caller_cell_id": "z"},
    {"caller_id": "d", "callee_id": "a", "started_at": at(5, day=2)},
    {"caller_id": "e", "callee_id": "f", "started_at": at(0, day=9), "load_id": "L0"},
)
DURATIONS_S = (10, 40, None, 31, 999)
CELLS = (
    {"cell_id": "x", "lat_deg": 1.0, "lon_deg": 2.0, "load_id": "L0"},
    {"cell_id": "x", "lat_deg": 1.5, "lon_deg": 2.0},
    {"cell_id": "y", "lat_deg": 3.0, "lon_deg": 4.0},
    {"cell_id": "y", "lat_deg": 3.5, "lon_deg": 4.0},
    {"cell_id": "w", "lat_deg": 3.5, "lon_deg": 4.0},
)


def found(kind: str, tables: Mapping[str, Table], load_id: str = "L1") -> dict[str, Any]:
    return named(kind, kind_checks(kind, tables, load_id))


def named(kind: str, checks: list[QualityCheck]) -> dict[str, Any]:
    return {
        f"{check.name} {check.column}" if check.column else check.name: check.at or check.value
        for check in checks
        if check.kind == kind
    }


@pytest.fixture
def tables() -> dict[str, Table]:
    answered = [{"is_answered": True, "duration_s": s} for s in DURATIONS_S]
    calls = [{**call, **more} for call, more in zip(CALLS, answered, strict=True)]
    return {"calls": table_of("calls", *calls), "cells": table_of("cells", *CELLS)}


def test_calls(tables: Mapping[str, Table]) -> None:
    """L1 has the first four calls.

    a, b, d call; b, c, a are called; cells see a and b; z is not known. Durations: 10, 31, 40.
    """
    checks = found("calls", tables)
    unused = ("is_set_up", "setup_ms", "is_dropped", "delay_ms", "loss_ratio", "mos")
    assert checks == {
        "missing duration_s": 1,
        "missing caller_cell_id": 2,
        "missing callee_cell_id": 3,
        **{f"missing {name}": 4 for name in unused},
        "distinct caller_cell_id": 2,
        "distinct callee_cell_id": 1,
        "earliest_at": at(1),
        "latest_at": at(9, day=3),
        "median_duration_s": 31,
        "max_duration_s": 40,
        "subscribers": 4,
        "subscribers_outgoing": 3,
        "subscribers_incoming": 3,
        "onnet_subscribers": 2,
        "onnet_subscribers_outgoing": 2,
        "onnet_subscribers_incoming": 1,
        "outgoing_records": 2,
        "cells": 3,
        "locatable_cells": 2,
        "locatable_records": 2,
        "unlocated_share": 0.5,
    }


def test_without_any_cell_nobody_knows_whose_subscribers_they_are() -> None:
    hello = {"sender_id": "a", "recipient_id": "b", "sent_at": at(1)}
    messages = {"messages": table_of("messages", hello), "cells": table_of("cells")}
    checks = found("messages", messages)
    assert [checks[name] for name in checks if name.startswith("onnet")] == [None] * 3
    assert (checks["subscribers"], checks["unlocated_share"]) == (2, 1.0)


def test_cells(tables: Mapping[str, Table]) -> None:
    """L1 names x, y twice, w; L0 named x."""
    checks = found("cells", tables)
    assert (checks["repeated_cell_ids"], checks["new_cell_ids"]) == (1, 2)
    assert (checks["missing technology"], checks["distinct cell_id"]) == (4, 3)


def test_the_most_subscribers_of_one_device() -> None:
    """D is seen with a (twice) and b, E with c; the last row names no device."""
    owners = [("a", "D"), ("a", "D"), ("b", "D"), ("c", "E"), ("d", None)]
    rows = [
        {"subscriber_id": who, "tac": "t", "device_id": device, "since": at(hour)}
        for hour, (who, device) in enumerate(owners)
    ]
    checks = found("ownerships", {"ownerships": table_of("ownerships", *rows)})
    assert (checks["max_subscribers_per_device"], checks["subscribers"]) == (2, 4)
    assert (checks["missing device_id"], checks["distinct device_id"]) == (1, 2)


def test_a_position_of_its_own_makes_a_record_locatable() -> None:
    seen = {"subscriber_id": "a", "seen_at": at(1)}
    rows = ({**seen, "lat_deg": 1.0, "lon_deg": 1.0}, {**seen, "cell_id": "nowhere"})
    tables = {"locations": table_of("locations", *rows), "cells": table_of("cells")}
    checks = found("locations", tables)
    assert (checks["locatable_records"], checks["unlocated_share"]) == (1, 0.5)
    assert (checks["cells"], checks["locatable_cells"]) == (1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_checked_also_where_a_load_added_nothing(kind: str) -> None:
    tables = {name: table_of(name) for name in KINDS}
    for check in kind_checks(kind, tables, "L1"):
        assert check.name in MEANINGS
        assert (check.value, check.at) in ((0, None), (None, None)), check


def measured(folder: Path, source_name: str, *paths: Path) -> QualityReport:
    """Stage and store files as one load, and measure it."""
    source = read_source(source_name)
    found = find_files(source, paths, KEY, None)
    staged = stage(found, source, KEY, folder / "staged", lambda _: None, "L1")
    store = RecordStore(folder / "records")
    counts = [store.append(kind, files, "L1") for kind, files in sorted(staged.records.items())]
    return measure(connect(), store, "L1", source, staged, counts)


def test_copies_and_days(tmp_path: Path) -> None:
    """The first row stands three times, the second twice: 2 records with 3 further copies."""
    rows = ["0,1,2", "60,1,2", "0,1,2", "60,1,2", "0,1,2", "172800,2,1"]
    path = tmp_path / "sms.csv"
    path.write_text("timestamp,sender,recipient\n" + "\n".join(rows) + "\n")
    report = measured(tmp_path, "copenhagen", path)
    checks = named("messages", list(report.checks))
    names = ("records_made", "records", "duplicates", "duplicated", "known")
    assert [checks[name] for name in names] == [6, 3, 3, 2, 0]
    assert [(day.kind, day.day, day.records) for day in report.days] == [
        ("messages", date(2014, 2, 3), 2),
        ("messages", date(2014, 2, 5), 1),
    ]


def test_garbage_positions_are_counted_where_they_were_rejected(tmp_path: Path) -> None:
    """Rows 2 and 3 have no usable position; row 4 is rejected for another reason."""
    mapping = tmp_path / "cells.yaml"
    mapping.write_text(
        "title: Cells\nlicence: none\ncitation: none\ntables:\n  cells:\n    records:\n"
        "      - kind: cells\n        columns:\n          cell_id: id\n          lat_deg: y\n"
        "          lon_deg: x\n          azimuth_deg: a\n"
    )
    path = tmp_path / "cells.csv"
    path.write_text("id,y,x,a\nc1,1,2,3\nc2,0,0,3\nc3,91,2,3\nc4,1,2,999\nc5,1,2,\n")
    checks = named("cells", list(measured(tmp_path, str(mapping), path).checks))
    assert (checks["garbage_positions"], checks["records"]) == (2, 2)


def test_copenhagen(tmp_path: Path) -> None:
    """Counted on the bundled CSV files with Python's csv, sets and statistics.median."""
    samples = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"
    report = measured(tmp_path, "copenhagen", samples)
    checks = named("calls", list(report.checks))
    expected = {
        "records_made": 3600,
        "records": 3600,
        "duplicates": 0,
        "duplicated": 0,
        "missing duration_s": 366,
        "missing caller_cell_id": 3600,
        "earliest_at": datetime(2014, 2, 3, 0, 3, 4, tzinfo=UTC),
        "latest_at": datetime(2014, 3, 2, 23, 13, 19, tzinfo=UTC),
        "median_duration_s": 16,
        "max_duration_s": 5138,
        "subscribers": 536,
        "subscribers_outgoing": 449,
        "subscribers_incoming": 480,
        "onnet_subscribers": None,
        "outgoing_records": 0,
        "cells": 0,
        "unlocated_share": 1.0,
    }
    assert {name: checks[name] for name in expected} == expected
    checks = named("messages", list(report.checks))
    expected = {"records": 24_312, "duplicates": 21, "duplicated": 21, "subscribers": 568}
    assert {name: checks[name] for name in expected} == expected
    days = [day for day in report.days if day.kind == "calls"]
    assert (len(days), sum(day.records for day in days)) == (28, 3600)
    assert [day.records for day in days[:3]] == [68, 106, 98]
