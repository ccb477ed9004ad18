"""What was told is known to every process, after every restart, and leads to nobody erased."""

from pathlib import Path

import pytest

from graph.crowd.record import CrowdRecord
from graph.errors import LedgerError

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
