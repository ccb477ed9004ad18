"""Who leaves next: a model learned from the record store, judged, and its scores in the graph.

Nothing is done where neither records nor scores of experience changed since it was learned last.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from cypher import statement
from graph.churn.features import features_of
from graph.churn.records import Records
from graph.churn.report import ChurnReport, Followed, Judged, Range, read_report, write_report
from graph.churn.trial import Trial, contagion_in, tried
from graph.database.session import Database, Endpoint, Row, opened
from graph.errors import NotAnalysed
from graph.experience.model import Model
from graph.experience.stored import read_manifest
from graph.ledger import Ledger
from graph.settings import Settings
from loaders.churn_records import read_records
from loaders.engine import working
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.turn import staging_folder, writing_turn
from loaders.versions import is_current, write_down

_SAVE = statement("churn/save")
_FORGET = statement("churn/forget")
_GRAPH_IDENTITY = statement("database/identity")
_WHAT = "churn 1"  # another number: another model, which is then learned anew


@dataclass(frozen=True)
class Learned:
    """What was done; ``scored`` is None where nothing was new."""

    report: ChurnReport
    scored: int | None
    lasted_s: float

    @property
    def told(self) -> str:
        """A line about it."""
        if self.scored is None:
            return f"nothing new, {self.lasted_s:,.1f} s"
        report = self.report
        network, plain = report.with_network.auc, report.without_network.auc
        judged = f"AUC {network.value:.3f} ({plain.value:.3f} without the network)"
        return f"{judged}, {self.scored:,} subscribers scored, {self.lasted_s:,.1f} s"


def analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Learned:
    """Learn who leaves, judge it on the last horizon, and write everybody's risk to the graph.

    Raises
    ------
    BadInput
        There are too few days, or too few left or stayed, to learn from.
    """
    with writing_turn(settings):
        return asyncio.run(_analyse(settings, locate, model, watch))


async def _analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Learned:
    started_s = time.perf_counter()
    async with opened(locate, settings) as database:
        version = await _version(settings, database, model)
        kept = read_report(settings.churn_report_file)
        if kept is not None and is_current(settings, _WHAT, version):
            return Learned(kept, None, time.perf_counter() - started_s)
        report, rows = _learned(settings, model, watch)
        await _save(database, rows, report.as_of, settings.batch_rows, watch)
        await database.write(_FORGET, model=report.version)
    write_report(settings.churn_report_file, report)
    write_down(settings, _WHAT, version)
    return Learned(report, len(rows), time.perf_counter() - started_s)


async def _version(settings: Settings, database: Database, model: Model) -> str:
    """Return a word for all that is learned from."""
    graph = str((await database.read(_GRAPH_IDENTITY))[0]["graph"])
    told = Ledger(settings.ledger_file).version(graph).text
    try:
        scores = read_manifest(settings.experience_folder, model.version)
    except NotAnalysed:
        return told
    days = scores.model_dump_json(include={"model", "days"})
    return f"{told} {hashlib.sha256(days.encode()).hexdigest()}"


def _learned(settings: Settings, model: Model, watch: Watch) -> tuple[ChurnReport, list[Row]]:
    with staging_folder(settings) as spill, working(settings, spill) as engine:
        store = RecordStore(settings.records_folder)
        experience = (settings.experience_folder, model)
        records, first = read_records(engine, store, experience, watch)
    watch.begin("Learning who leaves", 2)
    trial = tried(records)
    watch.advance(1)
    report = _report(trial, records, first)
    rows = _rows(trial, records, report)
    watch.advance(1)
    return report, rows


def _report(trial: Trial, records: Records, first: date) -> ChurnReport:
    as_of = datetime.now(UTC)
    followed = contagion_in(records, trial.horizon_days)
    return ChurnReport(
        version=as_of.strftime("%Y%m%dT%H%M%S"),
        as_of=as_of,
        definition=records.definition,
        horizon_days=trial.horizon_days,
        judged_from=first + timedelta(days=trial.cut),
        scored_from=first + timedelta(days=records.days),
        base=trial.model.base,
        words=dict(records.words),
        with_network=Judged.of(trial.with_network),
        without_network=Judged.of(trial.without_network),
        by_silence=Judged.of(trial.by_silence),
        gain=Range.of(trial.gain),
        by_vote=Judged.of(trial.by_vote),
        by_links=Judged.of(trial.by_links),
        contagion=Followed.of(followed) if followed else None,
    )


def _rows(trial: Trial, records: Records, report: ChurnReport) -> list[Row]:
    """Return the risk of all who could still leave, by what is known to the last day."""
    there = np.flatnonzero(records.is_there(records.days, trial.horizon_days))
    values = features_of(records, records.days, trial.horizon_days)[there]
    risk, parts = trial.model.risk(values), trial.model.parts(values)
    keys = records.keys[there]
    rank = np.empty(len(there), np.int64)
    rank[np.lexsort((keys, -risk))] = np.arange(1, len(there) + 1)
    return [
        {
            "subscriber_id": str(key),
            "churn_risk": float(risk[row]),
            "churn_rank": int(rank[row]),
            "churn_parts": parts[row].tolist(),
            "churn_values": values[row].tolist(),
            "churn_model": report.version,
        }
        for row, key in enumerate(keys)
    ]


async def _save(
    database: Database, rows: list[Row], as_of: datetime, batch_rows: int, watch: Watch
) -> None:
    watch.begin("Writing churn", len(rows))
    for begin in range(0, len(rows), batch_rows):
        some = rows[begin : begin + batch_rows]
        await database.write(_SAVE, rows=some, as_of=as_of)
        watch.advance(len(some))
