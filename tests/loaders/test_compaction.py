"""Compaction changes which files there are, and nothing else."""

from pathlib import Path

import pyarrow.parquet as pq

from graph.load import RecordCount
from loaders.compaction import Compacted, compact_table
from loaders.engine import connect
from loaders.erasure import erase_rows
from loaders.parts import files_between
from loaders.store import RecordStore, read
from tests.loaders.records_of import at, rows_of, staged_of

HELLOS = [{"sender_id": "a", "recipient_id": "b", "sent_at": at(hour)} for hour in (3, 1, 2)]


def test_many_files_become_one_that_is_sorted(tmp_path: Path) -> None:
    """Three loads of one message each: the hours 3, 1, 2 in the order of loading."""
    store = RecordStore(tmp_path / "records")
    for number, hello in enumerate(HELLOS):
        load_id = f"L{number}"
        store.append("messages", [staged_of(tmp_path, "messages", hello, load_id=load_id)], load_id)
    folder = store.folder / "messages"
    before = rows_of(store.table(connect(), "messages"), "sent_at")
    opened = files_between(folder)
    assert compact_table(folder, "messages") == Compacted("messages", 3, 1)
    assert rows_of(store.table(connect(), "messages"), "sent_at") == before
    stored = read(connect(), files_between(folder), "messages", "stored").to_pyarrow()
    assert stored["sent_at"].to_pylist() == [at(1), at(2), at(3)]
    former = rows_of(read(connect(), opened, "messages", "former"), "sent_at")
    assert former == before  # whoever has opened the former files goes on reading them
    assert compact_table(folder, "messages") == Compacted("messages", 1, 1)


def test_what_was_stored_stays_known(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "records")
    for number, hello in enumerate(HELLOS):
        store.append("messages", [staged_of(tmp_path, "messages", hello)], f"L{number}")
    compact_table(store.folder / "messages", "messages")
    count = store.append("messages", [staged_of(tmp_path, "messages", *HELLOS)], "L9")
    assert count == RecordCount(kind="messages", made=3, loaded=0, duplicate=0, known=3)


def test_erasure_reaches_what_compaction_and_cut_off_appends_left(tmp_path: Path) -> None:
    """Two of three messages name a: they go from the three former files, the new one, an orphan."""
    store, folder = RecordStore(tmp_path / "records"), tmp_path / "records" / "messages"
    one, two, three = (letter * 32 for letter in "abc")
    for hour, (sender, recipient) in enumerate([(one, two), (two, three), (three, one)]):
        row = {"sender_id": sender, "recipient_id": recipient, "sent_at": at(hour)}
        store.append("messages", [staged_of(tmp_path, "messages", row)], f"L{hour}")
    compact_table(folder, "messages")
    (folder / "orphan.parquet").write_bytes((folder / "L0-0.parquet").read_bytes())
    assert erase_rows(connect(), folder, "messages", [one]) == 2
    (left,) = folder.glob("*.parquet")
    rows = pq.read_table(left).to_pylist()
    assert [(row["sender_id"], row["recipient_id"]) for row in rows] == [(two, three)]
    logs = [path.read_bytes() for path in (folder / "_delta_log").rglob("*") if path.is_file()]
    assert len(logs) > 4
    assert not any(one.encode() in log for log in logs)
