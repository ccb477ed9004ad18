"""Scoring samples against the least that anybody would do with them: averages by DuckDB.

Both read the same Parquet files, a file a day, and write a row a subscriber, service and day. The
peer is one query that averages the columns that measures are made of; ours maps, weighs, vetoes,
and sums each KPI's value, score, contribution and samples, a day at a time, as the command does for
its grain of subscribers, in its 768 MiB of memory.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table, Value

from graph.experience.measures import MEASURES
from graph.experience.model import DEFAULT_VERSION, bundled_models, read_model
from loaders.engine import connect
from loaders.experience import stages_apart
from loaders.transforms.experience import KEYS, scored, summed
from tests.benchmarks.timing import Comparison

SAMPLES, DAYS, PEOPLE, ROUNDS = 20_000_000, 7, 1_000_000, 1
_SERVICES = ("web", "web", "video", "video", "social", "social", "gaming", "audio", "other")
_MEASURED = sorted(
    {name for (kind, _), each in MEASURES.items() if kind == "sessions" for name in each.columns}
)
_BY = ("subscriber_id", "service", "at")


def compare(folder: Path, samples: int = SAMPLES) -> Comparison:
    """Time both, each in a fresh engine."""
    files = _files(folder / "samples", samples)
    comparison = Comparison(
        f"scoring {samples:,} samples of {len(_MEASURED)} columns by subscriber, service and day",
        "Tiegraph",
        "DuckDB, averages alone",
        unit="s",
        units_a_second=1,
    )
    for number in range(ROUNDS):
        comparison.peer(_averages, files, folder / f"averages-{number}.parquet")
        comparison.ours(_scores, files, folder / f"scores-{number}")
    return comparison


def _averages(files: list[Path], out: Path) -> None:
    engine = ibis.duckdb.connect()  # bare, with all the memory that it likes
    rows = engine.read_parquet([str(file) for file in files])
    means = {name: rows[name].cast("float64").mean() for name in _MEASURED}
    grouped = rows.mutate(at=rows["at"].truncate("D")).group_by(*_BY).agg(**means)
    engine.to_parquet(grouped, out, compression="zstd")
    engine.disconnect()


def _scores(files: list[Path], out: Path) -> None:
    model = read_model(bundled_models()[DEFAULT_VERSION])
    engine = connect(out.parent / "spill")
    out.mkdir()
    with stages_apart():
        for file in files:
            rows = scored(model, "sessions", engine.read_parquet(str(file)))
            daily = rows.mutate(at=rows["at"].truncate("D"))
            engine.to_parquet(summed(daily, _BY), out / file.name, compression="zstd")
    engine.disconnect()


def _files(folder: Path, samples: int) -> list[Path]:
    """Write days of sessions in which every KPI of everybody is measured."""
    folder.mkdir()
    engine = connect(folder.parent / "spill")
    files = []
    for day in range(DAYS):
        files.append(folder / f"{day}.parquet")
        first = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=day)
        engine.to_parquet(_day(engine, samples // DAYS, first), files[-1], compression="zstd")
    engine.disconnect()
    return files


def _day(engine: Backend, samples: int, first: datetime) -> Table:
    numbers = engine.create_table(
        "numbers", ibis.range(samples).unnest().name("n").as_table(), overwrite=True
    )
    places: dict[str, Value] = {key: ibis.null("string") for key in KEYS}
    places["h3"] = ibis.null("int64")
    places["subscriber_id"] = _whole(PEOPLE).cast("string").hexdigest("md5")
    measured = {name: ibis.random() * 1000 for name in _MEASURED}
    measured |= {"is_set_up": ibis.random() < 0.98, "is_dropped": ibis.random() < 0.02}
    measured |= {"loss_ratio": ibis.random() / 50, "stalls": _whole(3), "height_px": _whole(1080)}
    measured |= {name: ibis.random() * 2e7 for name in _MEASURED if name.endswith("_bps")}
    service = ibis.array(list(_SERVICES))[_whole(len(_SERVICES))]
    return numbers.select(**places, at=ibis.literal(first), service=service, **measured)


def _whole(below: int) -> Value:
    return (ibis.random() * below).floor().cast("int64")
