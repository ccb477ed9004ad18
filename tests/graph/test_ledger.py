"""A ledger that cannot be used is named, with what to do."""

from pathlib import Path

import pytest

from graph.errors import LedgerError
from graph.ledger import Ledger


def test_a_damaged_ledger_is_named_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(LedgerError, match="is damaged: move it away, and the next load") as caught:
        Ledger(path).entries()
    assert str(path) in str(caught.value)


def test_a_ledger_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """A folder stands in its place: SQLite says the same as where permissions are lacking."""
    path = tmp_path / "ledger.sqlite"
    path.mkdir()
    with pytest.raises(LedgerError, match="cannot be used: unable to open database file"):
        Ledger(path).begin("copenhagen")
