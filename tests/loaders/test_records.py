"""The real sets as canonical records; the expected numbers are from each set's SOURCE.md."""

from pathlib import Path

import pytest

from loaders.kinds import KINDS
from tests.loaders.tables_of import KEY, read

SAMPLES = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"


def test_every_kind_carries_its_provenance() -> None:
    for kind in KINDS.values():
        assert kind.schema().names[-3:] == ["namespace", "file", "line"]


def test_copenhagen(tmp_path: Path) -> None:
    """844 distinct people over the four files."""
    result = read("copenhagen", [SAMPLES], tmp_path)
    counts = {count.file: (count.rows_read, count.rows_rejected) for count in result.staged.files}
    assert counts == {
        "calls.csv": (3600, 0),
        "fb_friends.csv": (6429, 0),
        "genders.csv": (787, 0),
        "sms.csv": (24333, 0),
    }
    calls, ties = result.records["calls"], result.records["ties"]
    assert sum(not call["is_answered"] for call in calls) == 366
    assert len({(call["caller_id"], call["callee_id"]) for call in calls}) == 924
    assert sum(tie["subscriber_id"] == tie["other_id"] for tie in ties) == 11
    people = {
        row[name]
        for rows in result.records.values()
        for row in rows
        for name in row
        if name in ("caller_id", "callee_id", "sender_id", "recipient_id")
        or name in ("subscriber_id", "other_id")
    }
    assert len(people) == 844
    messages = [tuple(message.values())[:-1] for message in result.records["messages"]]
    assert len(messages) - len(set(messages)) == 21


def test_bandicoot(shared_data: Path, tmp_path: Path) -> None:
    """In A.csv, 18 of the 42 rows name A itself as the correspondent (counted with awk)."""
    result = read("bandicoot", [shared_data / "bandicoot"], tmp_path)
    names = {KEY.pseudonym("bandicoot", name)[:8] + ".csv": name for name in ("A", "ego")}
    counts = {
        names.get(c.file, c.file): (c.rows_read, c.rows_rejected) for c in result.staged.files
    }
    assert counts == {"A": (42, 18), "antennas.csv": (27, 0), "ego": (314, 0)}
    assert {row["reason"] for row in result.rejected} == {"contact with oneself"}
    ego = KEY.pseudonym("bandicoot", "ego")[:8] + ".csv"
    of_ego = {
        kind: [row for row in rows if row["file"] == ego] for kind, rows in result.records.items()
    }
    assert {kind: len(rows) for kind, rows in of_ego.items()} == {
        "calls": 75,
        "messages": 239,
        "cells": 0,
    }
    for rows in (of_ego["calls"], of_ego["messages"]):
        for row in rows:
            cells = [value for name, value in row.items() if name.endswith("cell_id") and value]
            assert len(cells) == 1


def test_ibm_telco(shared_data: Path, tmp_path: Path) -> None:
    """7,043 customers, 1,869 churned; 11 have a blank TotalCharges (counted with awk)."""
    result = read("ibm-telco", [shared_data / "ibm_telco_churn"], tmp_path)
    people, payments = result.records["subscribers"], result.records["payments"]
    assert len(people) == 7043
    assert sum(person["status"] == "churned" for person in people) == 1869
    assert len(payments) == 7043 - 11
    assert payments[0]["amount_minor"] == 2985
    contracts = [row for row in result.records["subscriptions"] if row["currency"]]
    assert len(contracts) == 7043
    assert len({package["package_id"] for package in result.records["packages"]}) == 13
    assert result.rejected == []


@pytest.mark.parametrize("kind", KINDS)
def test_names_say_their_units(kind: str) -> None:
    for column in KINDS[kind].columns:
        if column.unit:
            assert column.name.endswith(f"_{column.unit.lower()}")
