"""What was told is known to every process, after every restart, and leads to nobody erased."""

from pathlib import Path

import numpy as np
import pytest

from graph.crowd.record import CrowdRecord, PublicKey
from graph.errors import LedgerError
from graph.projection import Ints
from tests.graph.crowd.attacker import Group, solved

PEOPLE = [f"{number:032x}" for number in range(100)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crowd.sqlite"


def test_a_table_is_counted_and_its_small_cells_are_not(file: Path) -> None:
    told = CrowdRecord(file).counted(
        "shop", {"all": PEOPLE, "most": PEOPLE[:90], "few": PEOPLE[90:], "none": []}
    )
    assert told == {"all": 100, "most": None, "few": None, "none": None}


def test_each_asker_has_an_audit_of_their_own(file: Path) -> None:
    record = CrowdRecord(file)
    assert record.counted("shop", {"all": PEOPLE}) == {"all": 100}
    assert record.counted("shop", {"most": PEOPLE[:90]}) == {"most": None}
    assert record.counted("cinema", {"most": PEOPLE[:90]}) == {"most": 90}


def test_other_processes_and_later_ones_know(file: Path) -> None:
    one, other = CrowdRecord(file), CrowdRecord(file)
    assert other.counted("shop", {"half": PEOPLE[:50]}) == {"half": 50}
    assert one.counted("shop", {"all": PEOPLE}) == {"all": 100}
    assert other.counted("shop", {"most": PEOPLE[:90]}) == {"most": None}
    assert CrowdRecord(file).counted("shop", {"rest": PEOPLE[50:], "40": PEOPLE[50:90]}) == {
        "rest": 50,
        "40": None,
    }


def test_what_is_not_written_down_is_not_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is no part of what later answers are held against."""
    record = CrowdRecord(file)
    record.counted("shop", {"half": PEOPLE[:50]})
    monkeypatch.setattr("graph.crowd.record._packed", lambda _members: object())
    with pytest.raises(LedgerError):
        record.counted("shop", {"most": PEOPLE[:90]})
    monkeypatch.undo()
    assert record.counted("shop", {"all": PEOPLE}) == {"all": 100}


def test_the_erased_leave_bits_that_lead_to_nobody(file: Path) -> None:
    record = CrowdRecord(file)
    record.counted("shop", {"all": PEOPLE})
    record.forget(PEOPLE[:1])
    assert PEOPLE[0].encode() not in file.read_bytes()
    assert PEOPLE[1].encode() in file.read_bytes()
    assert record.counted("shop", {"left": PEOPLE[1:]}) == {"left": None}, "1 would be told of"


def test_nothing_is_counted_where_the_file_is_none(file: Path) -> None:
    file.write_bytes(b"no database, but some text that is long enough to be looked at")
    with pytest.raises(LedgerError, match="cannot be used"):
        CrowdRecord(file).counted("shop", {"all": PEOPLE})


def test_what_is_published_is_told_after_all_that_was_told(file: Path) -> None:
    record = CrowdRecord(file)
    record.publish("app", {("all",): PEOPLE, ("month", "2026-01-01"): PEOPLE[:90]})
    other = CrowdRecord(file)
    assert other.admitted("shop", "app", [("all",), ("month", "2026-01-01")]) == {("all",)}
    assert other.admitted("fund", "app", [("month", "2026-01-01")]) == {("month", "2026-01-01")}
    assert other.admitted("fund", "app", [("week", "2026-01-01")]) == set(), "nobody published it"
    assert record.counted("shop", {"most": PEOPLE[:90]}) == {"most": None}
    assert record.admitted("cinema", "other", [("all",)]) == set()


@pytest.mark.parametrize("is_joint", [True, False])
def test_apps_and_groups_together_determine_no_group_under_sixteen(
    file: Path, is_joint: bool
) -> None:
    """200 questions of both kinds; with an audit for each, the attacker finds somebody."""
    random = np.random.default_rng(8)
    people = np.array([f"{number:032x}" for number in range(400)])
    area, plan = random.integers(4, size=400), random.integers(3, size=400)
    record, published = CrowdRecord(file), dict[str, dict[PublicKey, Ints]]()
    for app in ("chat", "talk", "play"):
        uses = random.random((6, 400)) < random.choice([0.9, 0.5, 0.97], size=(6, 1))
        uses &= random.random(400) < 0.97  # in every month, some use it never
        published[app] = {("month", month): np.flatnonzero(uses[month]) for month in range(6)}
        record.publish(app, {key: people[who].tolist() for key, who in published[app].items()})
    answered: list[Group] = []
    for question in range(200):
        if question % 2:
            app = str(random.choice(list(published)))
            asked: set[PublicKey] = {("month", int(month)) for month in random.integers(6, size=2)}
            told = record.admitted("fund" if is_joint else f"fund {app}", app, asked)
            answered += [frozenset(published[app][key].tolist()) for key in told]
        else:
            of = (area <= random.integers(4)) & (plan >= random.integers(3))
            who = np.flatnonzero(~of if random.random() < 0.5 else of)
            if record.counted("fund", {"group": people[who].tolist()})["group"]:
                answered.append(frozenset(who.tolist()))
    assert len(set(answered)) > 10
    assert (solved(list(dict.fromkeys(answered)), 400, least=16) == []) is is_joint
