"""What is stored about experience depends on the records and the model alone, day by day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from graph.errors import BadInput, NotAnalysed
from graph.experience.model import DEFAULT_VERSION, Model, bundled_models, read_model
from graph.experience.series import Series, series_by_segment, series_of
from graph.experience.stored import GRAINS, read_manifest
from graph.settings import Settings
from loaders.analysis import analysed
from loaders.experience import Scoring, analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.loaders.records_of import staged_of
from tests.loaders.stored import store_files

MODEL = read_model(bundled_models()[DEFAULT_VERSION])
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
ASHA, BRAM = (f"{digit}" * 32 for digit in "08")
GOOD = {"is_set_up": True, "is_dropped": False, "setup_ms": 50.0, "response_ms": 500.0}
BEST = GOOD | {"down_bps": 5e7, "loss_ratio": 0.0}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home_dir=tmp_path / "home")


def session(who: str, at: datetime, **more: Any) -> dict[str, Any]:
    place = {"cell_id": "lab:1", "tac": "lab:t", "app_id": "lab:a"}
    return {"subscriber_id": who, "started_at": at, "service": "web", **place, **more}


def store(settings: Settings, folder: Path, load_id: str, kind: str, *rows: dict[str, Any]) -> None:
    path = staged_of(folder, kind, *rows, name=f"{load_id}.csv", load_id=load_id)
    RecordStore(settings.records_folder).append(kind, [path], load_id)


def scored(settings: Settings, model: Model = MODEL) -> Scoring:
    return analyse(settings, model, Silence())


def series(settings: Settings, grain: str, key: str, value: str) -> Series:
    """Return what is stored of one week of one value of a grain's key."""
    week = (MONDAY, MONDAY + timedelta(days=7))
    return series_of(settings.experience_folder, MODEL, grain, key, [value], week)[value]


def cei(settings: Settings, grain: str, key: str, value: str) -> float | None:
    return series(settings, grain, key, value).score.cei


def cei_of_devices(settings: Settings) -> dict[str, float | None]:
    """Return the score of each device of the lab that has one."""
    found = series_of(
        settings.experience_folder, MODEL, "samples", "tac",
        ["lab:t", "lab:u", "lab:v", "lab:w"], (None, None),
    )  # fmt: skip
    return {tac: each.score.cei for tac, each in found.items()}


def contents(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every grain, in an order of its own."""
    folder = settings.experience_folder / MODEL.version
    return {
        grain: sorted(
            (
                row
                for path in (folder / grain).glob("*/*.parquet")
                for row in pq.read_table(path).to_pylist()
            ),
            key=repr,
        )
        for grain in GRAINS
    }


def test_a_person_a_cell_a_device_and_an_app_have_the_scores_of_their_samples(
    settings: Settings, tmp_path: Path
) -> None:
    """A perfect session is 100, one that could not be set up 0; each grain has its mean."""
    store(
        settings,
        tmp_path,
        "L1",
        "sessions",
        session(ASHA, MONDAY, **BEST),
        session(BRAM, MONDAY + timedelta(hours=1), is_set_up=False),
        session(BRAM, MONDAY + timedelta(hours=1), **BEST, tac="lab:u", app_id="lab:b"),
    )
    done = scored(settings)
    assert (done.days, done.kept, done.samples) == (1, 0, 3)
    assert cei(settings, "subscribers", "subscriber_id", ASHA) == pytest.approx(100)
    assert cei(settings, "subscribers", "subscriber_id", BRAM) == pytest.approx(50)
    assert cei(settings, "cells", "cell_id", "lab:1") == pytest.approx(200 / 3)
    assert cei(settings, "samples", "tac", "lab:t") == pytest.approx(50)
    assert cei(settings, "samples", "app_id", "lab:b") == pytest.approx(100)
    hours = series(settings, "cells", "cell_id", "lab:1").windows("hour")
    assert [begins.hour for begins, _, _ in hours] == [0, 1]
    assert contents(settings)["places"] == []


def test_a_call_counts_for_both_sides_and_its_set_up_for_the_caller(
    settings: Settings, tmp_path: Path
) -> None:
    """Without the set-up, of which the callee knows nothing: 0.65 of the weight is covered."""
    call = {"caller_id": ASHA, "callee_id": BRAM, "started_at": MONDAY, "duration_s": 5}
    known = {"is_set_up": True, "setup_ms": 100.0, "is_dropped": False, "mos": 4.409286}
    store(settings, tmp_path, "L1", "calls", call | known | {"is_answered": True})
    scored(settings)
    for who, coverage in ((ASHA, 1.0), (BRAM, 0.65)):
        score = series(settings, "subscribers", "subscriber_id", who).score
        assert score.cei == pytest.approx(100)
        assert score.coverage == pytest.approx(coverage)
    assert cei_of_devices(settings) == {}


def test_a_call_is_of_the_device_that_one_had_got_last(settings: Settings, tmp_path: Path) -> None:
    """Asha got hers a month ago, another a week ago and a third later; Bram gave his away."""
    call = {"caller_id": ASHA, "callee_id": BRAM, "started_at": MONDAY, "duration_s": 5}
    store(settings, tmp_path, "L1", "calls", call | {"is_answered": True, "mos": 4.409286})
    scored(settings)
    week = timedelta(days=7)
    owned = {
        "lab:t": (ASHA, MONDAY - 4 * week, None),
        "lab:u": (ASHA, MONDAY - week, None),
        "lab:v": (ASHA, MONDAY + week, None),
        "lab:w": (BRAM, MONDAY - 4 * week, MONDAY - week),
    }
    rows = [
        {"subscriber_id": who, "tac": tac, "since": since, "until": until}
        for tac, (who, since, until) in owned.items()
    ]
    store(settings, tmp_path, "L2", "ownerships", *rows)
    assert scored(settings).days == 1
    assert cei_of_devices(settings) == {"lab:u": pytest.approx(100)}


def test_a_segment_is_what_is_known_of_people_now(settings: Settings, tmp_path: Path) -> None:
    """Who changes the segment takes along what was scored before, and no day is scored again."""
    store(settings, tmp_path, "L1", "sessions", session(ASHA, MONDAY, **BEST))
    scored(settings)
    week = (MONDAY, MONDAY + timedelta(days=7))

    def segments() -> dict[str | None, float | None]:
        found = series_by_segment(settings.experience_folder, MODEL, week)
        return {name: each.score.cei for name, each in found}

    assert segments() == {None: pytest.approx(100)}
    for load_id, segment in (("L2", "gold"), ("L3", "silver")):
        as_of = MONDAY + timedelta(days=int(load_id[1]))
        known = {"subscriber_id": ASHA, "segment": segment, "as_of": as_of}
        store(settings, tmp_path, load_id, "subscribers", known)
        done = scored(settings)
        assert (done.days, done.kept) == (0, 1)
        assert segments() == {segment: pytest.approx(100)}


def test_a_day_is_scored_again_only_where_it_changed(settings: Settings, tmp_path: Path) -> None:
    tuesday = MONDAY + timedelta(days=1)
    store(
        settings,
        tmp_path,
        "L1",
        "sessions",
        session(ASHA, MONDAY, **BEST),
        session(ASHA, tuesday, **BEST),
    )
    assert (scored(settings).days, scored(settings).days) == (2, 0)
    before = read_manifest(settings.experience_folder, MODEL.version).days
    store(settings, tmp_path, "L2", "sessions", session(BRAM, tuesday, is_set_up=False))
    again = scored(settings)
    assert (again.days, again.kept, again.samples) == (1, 1, 2)
    after = read_manifest(settings.experience_folder, MODEL.version).days
    assert after[MONDAY.date()] == before[MONDAY.date()]
    assert cei(settings, "cells", "cell_id", "lab:1") == pytest.approx(200 / 3)
    folders = list((settings.experience_folder / MODEL.version / "cells").iterdir())
    assert len(folders) == 2


class Interrupted(Silence):
    """Is interrupted when the first day is done."""

    def advance(self, amount: int) -> None:
        raise KeyboardInterrupt


def test_days_in_any_order_and_a_run_cut_short_give_the_same(
    settings: Settings, tmp_path: Path
) -> None:
    days = [
        session(ASHA, MONDAY + timedelta(days=n, hours=n), **BEST | {"response_ms": 900.0 * n})
        for n in range(3)
    ]
    store(settings, tmp_path, "L1", "sessions", *days)
    with pytest.raises(KeyboardInterrupt):
        analyse(settings, MODEL, Interrupted())
    assert list(read_manifest(settings.experience_folder, MODEL.version).days) == [MONDAY.date()]
    again = scored(settings)
    assert (again.days, again.kept) == (2, 1)
    other = Settings(home_dir=tmp_path / "other")
    for number, row in enumerate(reversed(days)):
        store(other, tmp_path, f"M{number}", "sessions", row)
        scored(other)
    assert contents(other) == contents(settings)
    assert not list((settings.experience_folder / MODEL.version).glob("spill-*"))


def test_two_versions_stand_side_by_side(settings: Settings, tmp_path: Path) -> None:
    store(settings, tmp_path, "L1", "sessions", session(ASHA, MONDAY, **BEST))
    scored(settings)
    scored(settings, MODEL.model_copy(update={"version": "mine"}))
    assert read_manifest(settings.experience_folder, "mine").version == "mine"
    assert read_manifest(settings.experience_folder, MODEL.version).version == MODEL.version


def test_what_was_not_computed_is_named_with_the_command(settings: Settings) -> None:
    with pytest.raises(NotAnalysed, match="run `tiegraph analyse experience`"):
        cei(settings, "cells", "cell_id", "lab:1")
    with pytest.raises(BadInput, match="nothing to analyse is called moods; there are behaviour"):
        list(analysed(settings, ["moods"], None, Silence()))


def test_every_row_of_a_drive_is_a_sample_of_a_place(settings: Settings, shared_data: Path) -> None:
    """7,781 rows, of which 6 say the same as another: 7,775 samples, each with a place."""
    store_files(settings, "irish-5g", sorted((shared_data / "irish_5g").glob("*.csv")), "L1")
    assert scored(settings).samples == 7_775
    places = contents(settings)["places"]
    assert sum(row["samples"] for row in places) == 7_775
    assert sum(row["scored"] for row in places) == 7_775
    assert {row["service"] for row in places} == {"radio"}
    assert all(row["h3"] is not None for row in places)


@pytest.mark.filterwarnings("ignore")  # of pyspark, about what is its own
@pytest.mark.usefixtures("quick_spark")
def test_spark_stores_the_same(settings: Settings, tmp_path: Path) -> None:
    """By one service alone: for Spark, all make code that takes it long to compile."""
    model = MODEL.model_copy(update={"services": {"web": MODEL.services["web"]}})
    store(
        settings,
        tmp_path,
        "L1",
        "sessions",
        session(ASHA, MONDAY, **BEST),
        session(BRAM, MONDAY, is_set_up=False),
    )
    scored(settings, model)
    wanted = contents(settings)
    spark = Settings(home_dir=tmp_path / "spark", engine="spark", spark_master="local[2]")
    (tmp_path / "again").mkdir()
    store(
        spark,
        tmp_path / "again",
        "L1",
        "sessions",
        session(ASHA, MONDAY, **BEST),
        session(BRAM, MONDAY, is_set_up=False),
    )
    scored(spark, model)
    assert [len(rows) for rows in contents(spark).values()] == [2, 1, 0, 2, 1]
    for grain, rows in contents(spark).items():
        assert [_plain(row) for row in rows] == [_plain(row) for row in wanted[grain]]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the zone of its instant: Spark's have none, but UTC."""
    return row | {"at": row["at"].replace(tzinfo=None)}
