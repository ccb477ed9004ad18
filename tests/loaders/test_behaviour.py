"""What is stored about behaviour depends on the records alone, and tells of everybody once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.behaviour.events import Events, Slice
from graph.behaviour.history import read_events, read_manifest, read_usual
from graph.behaviour.indicators import Behaviour
from graph.errors import NotAnalysed
from graph.settings import Settings
from loaders.behaviour import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.loaders.records_of import staged_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
ASHA, BRAM, CHIDI = (f"{digit}" * 32 for digit in "08f")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home_dir=tmp_path / "home")


def call(caller: str, callee: str, minutes: int, **more: Any) -> dict[str, Any]:
    return {
        "caller_id": caller,
        "callee_id": callee,
        "started_at": NOON + timedelta(minutes=minutes),
        "duration_s": 60,
        "is_answered": True,
        **more,
    }


def store(settings: Settings, folder: Path, *loads: list[dict[str, Any]]) -> None:
    for number, rows in enumerate(loads):
        path = staged_of(folder, "calls", *rows, name=f"{number}.csv", load_id=f"L{number}")
        RecordStore(settings.records_folder).append("calls", [path], f"L{number}")
    analyse(settings, Silence())


def lived(settings: Settings, *who: str) -> list[tuple[Any, ...]]:
    _, table = read_events(settings.behaviour_folder, who)
    columns = ("subscriber_id", "counterpart_id", "at", "is_outgoing", "cell_id")
    return [tuple(row[name] for name in columns) for row in table.to_pylist()]


def test_what_both_ends_report_is_lived_once_by_each(settings: Settings, tmp_path: Path) -> None:
    store(
        settings,
        tmp_path,
        [call(ASHA, BRAM, 0, caller_cell_id="lab:1")],
        [call(ASHA, BRAM, 0, callee_cell_id="lab:2"), call(ASHA, BRAM, 0, duration_s=61)],
    )
    assert lived(settings, ASHA, BRAM) == [
        (ASHA, BRAM, NOON, True, "lab:1"),
        (ASHA, BRAM, NOON, True, None),
        (BRAM, ASHA, NOON, False, "lab:2"),
        (BRAM, ASHA, NOON, False, None),
    ]


def test_the_order_of_loads_has_no_say(settings: Settings, tmp_path: Path) -> None:
    """Two calls of one instant, and two of one minute, in two loads either way round."""
    first = [call(ASHA, CHIDI, 0), call(BRAM, ASHA, 1, caller_cell_id="lab:1")]
    second = [call(ASHA, BRAM, 0), call(BRAM, ASHA, 1, callee_cell_id="lab:2")]
    other = Settings(home_dir=tmp_path / "other")
    store(settings, tmp_path, first, second)
    store(other, tmp_path, second, first)
    everybody = (ASHA, BRAM, CHIDI)
    assert len(lived(settings, *everybody)) == 6
    assert lived(settings, *everybody) == lived(other, *everybody)
    _, usual = read_usual(settings.behaviour_folder, everybody)
    _, other_usual = read_usual(other.behaviour_folder, everybody)
    assert usual is not None
    assert usual.equals(other_usual)


def test_everybody_is_in_one_part_whatever_their_number(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.behaviour._PART_ROWS", 2)
    store(settings, tmp_path, [call(ASHA, BRAM, 0), call(BRAM, CHIDI, 1), call(CHIDI, ASHA, 2)])
    manifest = read_manifest(settings.behaviour_folder)
    assert [part.subscribers for part in manifest.parts] == [1, 1, 1]
    for who in (ASHA, BRAM, CHIDI):
        assert [row[0] for row in lived(settings, who)] == [who, who]
    assert lived(settings, "a" * 32) == []
    assert lived(settings, "0" * 31 + "1") == []


def test_a_new_build_replaces_the_former(settings: Settings, tmp_path: Path) -> None:
    store(settings, tmp_path, [call(ASHA, BRAM, 0)])
    analyse(settings, Silence())
    folder = settings.behaviour_folder
    build = read_manifest(folder).build
    assert sorted(path.name for path in folder.iterdir()) == sorted([build, "manifest.json"])
    names = sorted(path.name for path in (folder / build).iterdir())
    assert names == ["events-00000.parquet", "sessions.parquet", "usual-00000.parquet"]


def test_without_an_analysis_there_is_nothing(settings: Settings) -> None:
    with pytest.raises(NotAnalysed, match="tiegraph analyse behaviour"):
        read_events(settings.behaviour_folder, [ASHA])


def test_without_records_there_is_nobody(settings: Settings) -> None:
    done = analyse(settings, Silence())
    assert (done.subscribers, done.events) == (0, 0)
    assert lived(settings, ASHA) == []


@pytest.mark.parametrize(("zone", "days"), [("UTC", 1), ("Pacific/Auckland", 2)])
def test_days_begin_where_the_zone_says(
    settings: Settings, tmp_path: Path, zone: str, days: int
) -> None:
    """At 11:30 UTC of 2 March it is half an hour past midnight in Auckland, at 10:30 it is not."""
    store(settings, tmp_path, [call(ASHA, BRAM, -90), call(ASHA, BRAM, -30)])
    _, table = read_events(settings.behaviour_folder, [ASHA])
    found = Behaviour(Events.of(table), zone).of("week").scalar("active_days")
    assert found.mean.tolist() == [days]


def test_the_hour_that_comes_twice_is_no_negative_time(settings: Settings, tmp_path: Path) -> None:
    """On 25 October 2026 Zurich's clock goes from 03:00 back to 02:00, at 01:00 UTC."""
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    minutes = int((before - NOON) / timedelta(minutes=1))
    store(settings, tmp_path, [call(ASHA, BRAM, minutes), call(ASHA, BRAM, minutes + 20)])
    _, table = read_events(settings.behaviour_folder, [ASHA])
    found = Behaviour(Events.of(table), "Europe/Zurich").of("day", Slice(interaction="call"))
    assert found.distribution("interevent_time_s", "mean").mean.tolist() == [1200.0]
    assert found.scalar("active_days").mean.tolist() == [1.0]
