from pathlib import Path

import pytest

from graph.load import RecordCount
from loaders.engine import connect
from loaders.store import RecordStore, load_ids
from tests.loaders.records_of import at, rows_of, staged_of

HELLO = {"sender_id": "a", "recipient_id": "b", "sent_at": at(1)}
ANSWER = {"sender_id": "b", "recipient_id": "a", "sent_at": at(2), "sender_cell_id": "x"}


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "home with a space" / "records")


def test_a_record_that_stands_twice_is_stored_once(store: RecordStore, tmp_path: Path) -> None:
    count = store.append("messages", [staged_of(tmp_path, "messages", HELLO, ANSWER, HELLO)], "L1")
    assert count == RecordCount(
        kind="messages", made=3, loaded=2, duplicate=1, known=0, duplicated=1
    )
    assert len(rows_of(store.table(connect(), "messages"), "sent_at")) == 2


def test_a_record_of_an_earlier_load_is_known(store: RecordStore, tmp_path: Path) -> None:
    store.append("messages", [staged_of(tmp_path, "messages", HELLO)], "L1")
    later = staged_of(tmp_path, "messages", ANSWER, HELLO, name="g.csv", load_id="L2")
    count = store.append("messages", [later], "L2")
    assert count == RecordCount(kind="messages", made=2, loaded=1, duplicate=0, known=1)
    rows = rows_of(store.table(connect(), "messages"), "sent_at")
    assert [(row["load_id"], row["file"], row["line"]) for row in rows] == [
        ("L1", "f.csv", 2),
        ("L2", "g.csv", 2),
    ]
    assert load_ids(store.tables(connect())) == {"L1", "L2"}


def test_nothing_new_is_no_commit(store: RecordStore, tmp_path: Path) -> None:
    store.append("messages", [staged_of(tmp_path, "messages", HELLO)], "L1")
    before = sorted((store.folder / "messages" / "_delta_log").iterdir())
    store.append("messages", [staged_of(tmp_path, "messages", HELLO, load_id="L2")], "L2")
    assert sorted((store.folder / "messages" / "_delta_log").iterdir()) == before
    assert load_ids(store.tables(connect())) == {"L1"}


def test_an_empty_store_has_every_table(store: RecordStore) -> None:
    tables = store.tables(connect())
    assert rows_of(tables["calls"], "started_at") == []
    assert "load_id" in tables["calls"].columns
