"""Usage records: one a call, signed, within quotas, and settled whatever dies."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from graph.errors import (
    BadInput,
    Conflict,
    IllegalTransition,
    LedgerError,
    TooManyRequests,
    UsageAltered,
)
from graph.metering import chain
from graph.metering.meter import MOST_RETRIES, RETRY_WITHIN, Meter
from graph.metering.quota import Quota
from graph.metering.record import Call
from graph.metering.signature import Head
from graph.settings import Settings

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
CALL = Call("shop", "location/retrieve", "k1", b"where is 4512345678")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(tmp_path: Path, clock: Clock) -> Meter:
    return metered_in(tmp_path, clock)


def metered_in(home: Path, clock: Callable[[], datetime]) -> Meter:
    meter = Meter.of(Settings(home_dir=home))
    meter._now = clock
    return meter


def another(number: int) -> Call:
    return Call("shop", "location/retrieve", f"other{number}")


def file_of(home: Path) -> Path:
    return Settings(home_dir=home).usage_file


def change(home: Path, statement: str) -> None:
    with sqlite3.connect(file_of(home)) as connection:
        connection.execute(statement)
    connection.close()


def test_an_answer_has_one_record(meter: Meter) -> None:
    reserved = meter.reserve(CALL, units=3)
    (record,) = meter.records("2026-11")
    assert (record.partner, record.operation, record.units) == ("shop", "location/retrieve", 3)
    assert (record.state, record.reserved_at, record.month) == ("reserved", NOON, "2026-11")
    meter.answered([reserved.record_id])
    meter.answered([reserved.record_id])
    assert [one.state for one in meter.records("2026-11")] == ["answered"]
    assert meter.verify().length == 1


def test_a_retry_is_not_billed_again(meter: Meter, clock: Clock) -> None:
    first = meter.reserve(CALL)
    clock.now += timedelta(seconds=5)
    again = meter.reserve(CALL)
    assert (again.record_id, again.is_retry) == (first.record_id, True)
    assert len(meter.records("2026-11")) == meter.spent("shop", "2026-11-27") == 1


def test_a_key_belongs_to_partner_and_operation(meter: Meter) -> None:
    meter.reserve(CALL)
    meter.reserve(Call("bank", CALL.operation, "k1", CALL.content))
    meter.reserve(Call("shop", "location/verify", "k1", CALL.content))
    assert len(meter.records("2026-11")) == 3
    assert len(meter.records("2026-11", "shop")) == 2


def test_a_key_does_not_buy_more_than_one_call(meter: Meter, clock: Clock) -> None:
    meter.reserve(CALL)
    with pytest.raises(Conflict, match="another call's"):
        meter.reserve(Call("shop", CALL.operation, "k1", b"where is somebody else"))
    for _ in range(MOST_RETRIES):
        meter.reserve(CALL)
    with pytest.raises(Conflict, match="too often"):
        meter.reserve(CALL)
    meter.reserve(another(1))
    clock.now += RETRY_WITHIN + timedelta(seconds=1)
    with pytest.raises(Conflict, match="too old"):
        meter.foresee(another(1), Quota())


def test_nothing_that_a_caller_wrote_is_kept(meter: Meter, tmp_path: Path) -> None:
    meter.reserve(Call("shop", "location/retrieve", "+4512345678", b"where is 4512345678"))
    meter.let_go()
    kept = b"".join(path.read_bytes() for path in file_of(tmp_path).parent.iterdir())
    assert b"45123" not in kept
    assert b"location/retrieve" in kept


def test_a_quota_ends_with_the_day_and_with_the_month(meter: Meter, clock: Clock) -> None:
    quota = Quota(day=2, month=3)
    for number in range(2):
        meter.reserve(another(number), within=quota)
    with pytest.raises(TooManyRequests, match="2 calls of this day") as refused:
        meter.reserve(another(2), within=quota)
    assert refused.value.retry_after_s == 12 * 3600
    meter.reserve(another(1), within=quota)  # what is known already is no further call
    clock.now += timedelta(days=1)
    meter.reserve(another(2), within=quota)
    with pytest.raises(TooManyRequests, match="3 calls of this month") as refused:
        meter.foresee(another(3), quota)
    assert refused.value.retry_after_s == (2 * 24 + 12) * 3600
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    meter.reserve(another(3), within=quota)


def test_two_at_once_have_one_record(tmp_path: Path, clock: Clock) -> None:
    """Two meters on one file are as two processes."""
    meters = [metered_in(tmp_path, clock) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        calls = [another(number // 4) for number in range(40)]
        found = list(
            threads.map(lambda pair: meters[pair[0] % 2].reserve(pair[1]), enumerate(calls))
        )
    assert len({one.record_id for one in found}) == sum(not one.is_retry for one in found) == 10
    assert meters[0].verify().length == 10


def test_what_the_dead_left_reserved_counts_as_answered(meter: Meter, tmp_path: Path) -> None:
    lost, own = meter.reserve(another(1)), meter.reserve(another(2))
    assert meter.presume() == 0, "this process lives"
    meter.let_go()
    change(
        tmp_path,
        f"UPDATE usage SET process_started_s = 1 WHERE record_id = '{lost.record_id}'",  # noqa: S608
    )
    assert meter.presume() == 1
    states = {one.record_id: one.state for one in meter.records("2026-11")}
    assert states == {lost.record_id: "presumed", own.record_id: "reserved"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE usage SET units = 9 WHERE position = 2",
        "UPDATE usage SET partner = 'bank' WHERE position = 3",
        "UPDATE usage SET position = 9 WHERE position = 1",
        "DELETE FROM usage WHERE position = 2",
        "UPDATE settlement SET state = 'presumed'",
        "INSERT INTO usage SELECT 9, 'x', partner, operation, 'k', content, units, reserved_at, "
        "process_id, process_started_s, signature FROM usage WHERE position = 3",
    ],
)
def test_what_was_changed_is_found(meter: Meter, tmp_path: Path, statement: str) -> None:
    for number in range(3):
        meter.answered([meter.reserve(another(number)).record_id])
    assert meter.verify().length == 3
    meter.let_go()
    change(tmp_path, statement)
    with pytest.raises(UsageAltered):
        meter.verify()


def test_a_closed_month_stays_as_it_was(meter: Meter, tmp_path: Path, clock: Clock) -> None:
    reserved = [meter.reserve(another(number)).record_id for number in range(2)]
    with pytest.raises(IllegalTransition, match="2026-11 is not over"):
        meter.close_month("2026-11")
    clock.now += timedelta(days=7)
    with pytest.raises(IllegalTransition, match="2 answers of 2026-11 are still under way"):
        meter.close_month("2026-11")
    meter.answered(reserved)
    head = meter.close_month("2026-11")
    meter.reserve(another(3))
    assert meter.close_month("2026-11") == head
    assert head.length == 2
    clock.now = NOON
    with pytest.raises(IllegalTransition, match="clock is behind"):
        meter.reserve(another(4))
    meter.let_go()
    change(tmp_path, "DELETE FROM usage WHERE position > 1")
    with pytest.raises(UsageAltered, match="2026-11 or before are missing"):
        meter.verify()


def test_nobody_waits_while_the_records_are_checked(
    meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is held up until a call was reserved, in the same process, and sees the former."""
    meter.reserve(another(1))
    begun, reserved, verify = Event(), Event(), chain.verify

    def held_up(*arguments: Any) -> Head:
        begun.set()
        assert reserved.wait(20)
        return verify(*arguments)

    monkeypatch.setattr(chain, "verify", held_up)
    with ThreadPoolExecutor(1) as pool:
        checked = pool.submit(meter.verify)
        assert begun.wait(20)
        meter.reserve(another(2))
        reserved.set()
        assert checked.result(20).length in (1, 2)
    assert meter.verify().length == 2


@pytest.mark.parametrize("wrong", ["2026-1", "2026-13", "2026", "2026-11-01", "202x-01", ""])
def test_a_month_is_written_in_full(meter: Meter, wrong: str) -> None:
    with pytest.raises(BadInput):
        meter.close_month(wrong)
    with pytest.raises(BadInput):
        meter.records(wrong)


def test_a_file_that_is_none_is_named(meter: Meter, tmp_path: Path) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError, match="damaged"):
        meter.reserve(CALL)
