"""Scoring samples against the least that anybody would do with them: averages by DuckDB.

Both read the same Parquet files, a file a day, in the same 768 MiB of memory and with as many
threads, and write the same groups. The peer averages the columns that measures are made of, with
one bare query a grain and day; ours maps, weighs, vetoes, and sums each KPI's value, score,
contribution and samples. First for one grain, subscribers by day; then for all, as the command
does: the finest from samples, the others from its sums.

Each sample has what is measured of its service, and nothing of what is not.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table, Value

from graph.experience.measures import MEASURES
from graph.experience.model import DEFAULT_VERSION, bundled_models, read_model
from graph.experience.stored import FINEST, GRAINS, Grain
from loaders.engine import connect
from loaders.experience import stages_apart
from loaders.transforms.experience import KEYS, coarser, finest, summed
from tests.benchmarks.timing import Comparison

SAMPLES, DAYS, PEOPLE, CELLS, ROUNDS = 20_000_000, 7, 200_000, 5_000, 1
_MODEL = read_model(bundled_models()[DEFAULT_VERSION])
_MIX = {
    "web": 6, "social": 6, "video": 4, "messaging": 4, "audio": 2, "gaming": 2,
    "file_transfer": 1, "voice": 1, "other": 4,
}  # fmt: skip
_MEASURED = sorted(
    {name for (kind, _), each in MEASURES.items() if kind == "sessions" for name in each.columns}
)
_SESSIONS = [each for each in _MODEL.services.values() if each.records == "sessions"]
_MADE_OF_SESSIONS = ("subscribers", "cells", FINEST)


def compare(folder: Path, samples: int = SAMPLES) -> Iterator[Comparison]:
    """Time both, each in a fresh engine."""
    files = _files(folder / "samples", samples)
    for title, grains in (("subscribers, days", ("subscribers",)), ("all", _MADE_OF_SESSIONS)):
        comparison = Comparison(
            f"scoring {samples:,} samples of {len(_MEASURED)} columns, grains: {title}",
            "Tiegraph",
            "DuckDB, averages alone",
            unit="s",
            units_a_second=1,
        )
        ours = _subscribers if len(grains) == 1 else _all
        for number in range(ROUNDS):
            comparison.peer(_averages, files, grains, folder / f"averages-{title}-{number}")
            comparison.ours(ours, files, folder / f"scores-{title}-{number}")
        yield comparison


def _averages(files: list[Path], grains: tuple[str, ...], out: Path) -> None:
    engine = connect(out.parent / "spill")
    out.mkdir()
    means = {name: ibis._[name].cast("float64").mean() for name in _MEASURED}
    for file in files:
        rows = engine.read_parquet(str(file))
        for grain in grains:
            grouped = _windowed(rows, GRAINS[grain]).group_by(*_by(GRAINS[grain])).agg(**means)
            engine.to_parquet(grouped, out / f"{grain}-{file.name}", compression="zstd")
    engine.disconnect()


def _subscribers(files: list[Path], out: Path) -> None:
    engine, grain = connect(out.parent / "spill"), GRAINS["subscribers"]
    out.mkdir()
    with stages_apart():
        for file in files:
            samples = engine.read_parquet(str(file))
            sums = summed(_MODEL, "sessions", samples, _by(grain), grain.window)
            engine.to_parquet(sums, out / file.name, compression="zstd")
    engine.disconnect()


def _all(files: list[Path], out: Path) -> None:
    engine = connect(out.parent / "spill")
    out.mkdir()
    with stages_apart():
        for file in files:
            sums = finest(_MODEL, "sessions", engine.read_parquet(str(file)))
            engine.to_parquet(sums, out / f"{FINEST}-{file.name}", compression="zstd")
            stored = engine.read_parquet(str(out / f"{FINEST}-{file.name}"))
            for name in _MADE_OF_SESSIONS[:-1]:
                rows = coarser(stored, GRAINS[name], _MODEL)
                engine.to_parquet(rows, out / f"{name}-{file.name}", compression="zstd")
    engine.disconnect()


def _windowed(rows: Table, grain: Grain) -> Table:
    return rows.mutate(at=rows["at"].truncate("h" if grain.window == "hour" else "D"))


def _by(grain: Grain) -> list[str]:
    return [*grain.keys, "at", "service"]


def _files(folder: Path, samples: int) -> list[Path]:
    """Write days of sessions."""
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
    numbers = ibis.range(samples).unnest().name("n").as_table()
    services = [name for name, count in _MIX.items() for _ in range(count)]
    drawn = engine.create_table(
        "drawn",
        numbers.select(
            person=_whole(PEOPLE),
            hour=_whole(24),
            service=ibis.array(services)[_whole(len(services))],
        ),
        overwrite=True,
    )
    person = drawn.person  # with a device, and two cells where they mostly are
    places: dict[str, Value] = {key: ibis.null("string") for key in KEYS}
    places["h3"] = ibis.null("int64")
    places["subscriber_id"] = person.cast("string").hexdigest("md5")
    places["tac"] = (person % 300).cast("string")
    places["cell_id"] = ((person * 2 + _whole(2)) % CELLS).cast("string")
    places["app_id"] = drawn.service + _whole(4).cast("string")
    places["technology"] = ibis.literal("LTE")
    at = ibis.literal(first) + drawn.hour.as_interval("h")
    measured = {name: ibis.random() * 1000 for name in _MEASURED}
    measured |= {"is_set_up": ibis.random() < 0.98, "is_dropped": ibis.random() < 0.02}
    measured |= {"loss_ratio": ibis.random() / 50, "stalls": _whole(3), "height_px": _whole(1080)}
    measured |= {name: ibis.random() * 2e7 for name in _MEASURED if name.endswith("_bps")}
    known = {
        name: ibis.ifelse(drawn.service.isin(_services_with(name)), value, ibis.null(value.type()))
        for name, value in measured.items()
    }
    return drawn.select(**places, at=at, service=drawn.service, **known)


def _services_with(column: str) -> list[str]:
    """Return the services of sessions of which a KPI is made of a column."""
    return [
        each.where["service"]
        for each in _SESSIONS
        if any(column in each.measure(kpi).columns for _, kpi in each.kpis.values())
    ]


def _whole(below: int) -> Value:
    return (ibis.random() * below).floor().cast("int64")
