"""The audit log's files: lasting, in a chain, by day."""

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from graph.audit import Access, AuditLog
from graph.errors import AuditAltered, AuditError

Damage = Callable[[bytes], bytes]
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ONE = Access("…", "ann", "care", None, "View", "c-1", "Subscriber", ["asha"], ["status"])


class Clock:
    """A clock that stands until it is set."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> AuditLog:
    return AuditLog(tmp_path, bytes(32), 30, clock)


def file_of(folder: Path, day: str = "2026-11-27") -> Path:
    return folder / f"{day}.jsonl"


def test_what_is_appended_is_found_again(log: AuditLog, tmp_path: Path) -> None:
    other = replace(ONE, keys=["bram", "chidi"], purpose="dpv:Marketing")
    log.append([ONE, other])
    log.append([ONE])
    assert list(log.accesses()) == [ONE, other, ONE]
    assert list(log.accesses("chidi")) == [other]
    assert log.verify()[0] == 4, "the first line of a day says what it follows"
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600


def test_days_have_files_of_their_own_in_one_chain(
    log: AuditLog, tmp_path: Path, clock: Clock
) -> None:
    log.append([ONE])
    clock.now += timedelta(days=2)
    log.append([ONE])
    assert sorted(file.name for file in tmp_path.glob("*.jsonl")) == [
        "2026-11-27.jsonl",
        "2026-11-29.jsonl",
    ]
    assert len(list(log.accesses(since=date(2026, 11, 28)))) == 1
    assert log.verify()[0] == 4
    clock.now -= timedelta(days=1)
    log.append([ONE])
    assert log.verify()[0] == 5, "a clock that goes back begins no file in between"


def test_files_go_when_their_time_is_over(log: AuditLog, tmp_path: Path, clock: Clock) -> None:
    for _ in range(3):
        log.append([ONE])
        clock.now += timedelta(days=20)
    assert [file.stem for file in sorted(tmp_path.glob("*.jsonl"))] == ["2026-12-17", "2027-01-06"]
    assert log.verify()[0] == 4, "what is left is still a chain"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(b"ann", b"bob"),
        lambda text: b"".join(text.splitlines(keepends=True)[:1] + text.splitlines(True)[2:]),
        lambda text: b"".join(reversed(text.splitlines(keepends=True))),
        lambda text: text + text.splitlines(keepends=True)[1],
        lambda text: b"".join(text.splitlines(keepends=True)[1:]),
    ],
    ids=["changed", "left out", "moved", "added", "beginning gone"],
)
def test_whoever_changes_it_breaks_the_chain(log: AuditLog, tmp_path: Path, damage: Damage) -> None:
    log.append([ONE, replace(ONE, by="eve"), ONE])
    file_of(tmp_path).write_bytes(damage(file_of(tmp_path).read_bytes()))
    with pytest.raises(AuditAltered):
        log.verify()


def test_a_day_that_is_taken_away_is_missed(log: AuditLog, tmp_path: Path, clock: Clock) -> None:
    for _ in range(3):
        log.append([ONE])
        clock.now += timedelta(days=1)
    file_of(tmp_path, "2026-11-28").unlink()
    with pytest.raises(AuditAltered, match="what came before 2026-11-29"):
        log.verify()


@pytest.mark.parametrize("whole", ["two lines", "none"])
def test_half_a_line_of_a_crash_is_cut_off(log: AuditLog, tmp_path: Path, whole: str) -> None:
    log.append([ONE])
    file = file_of(tmp_path)
    left = file.read_bytes() + b'{"at":"2026' if whole == "two lines" else b'{"day":"20'
    file.write_bytes(left)
    log.append([ONE])
    assert len(list(log.accesses())) == (2 if whole == "two lines" else 1)
    log.verify()


def test_what_cannot_be_written_is_said(log: AuditLog, tmp_path: Path) -> None:
    file_of(tmp_path).mkdir()
    with pytest.raises(AuditError, match="cannot be written"):
        log.append([ONE])


def _append_many(folder: Path, by: str) -> None:
    log = AuditLog(folder, bytes(32), 30)
    for _ in range(20):
        log.append([replace(ONE, by=by)])


def test_processes_do_not_write_into_each_other(tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")
    writers = [fresh.Process(target=_append_many, args=(tmp_path, by)) for by in ("ann", "bob")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    log = AuditLog(tmp_path, bytes(32), 30)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert sorted(access.by for access in log.accesses()) == ["ann"] * 20 + ["bob"] * 20
    log.verify()
