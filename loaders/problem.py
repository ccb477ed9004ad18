"""The closed loop over the record store: sessions are scored, summed and looked through by days.

A day's sessions are scored by the experience model and added up by hour, cell, device, app, service
and technology; ``graph.problem`` does the rest. One day at a time is in memory, some 500 bytes a
session. A day that has not ended is not looked at.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import h3
import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, opened
from graph.experience.model import Model, Service
from graph.experience.scoring import score_samples
from graph.identity import IdentityKey
from graph.kernels import floats, pc
from graph.problem.identify import Seen
from graph.problem.identify import Watch as Lookout
from graph.problem.loop import Now, follow
from graph.problem.problem import window_of
from graph.problem.store import followed, looked_to, save, write_looked_to
from graph.problem.sums import Floats, Frame, Parents
from graph.settings import Settings
from loaders.coverage.positions import places
from loaders.engine import connect
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.turn import staging_folder, writing_turn

MOST_DAYS = 60
_KEYS = ("window_start", "cell_id", "tac", "app_id", "service", "technology")
_NUMBERS = ("n", "score_sum", "score_sq_sum")
_POINTS = 100.0


@dataclass(frozen=True)
class Followed:
    """What was looked through, and what it changed.

    Attributes
    ----------
    actions : Counter of str
        How often problems were opened, verified, closed or reopened.
    """

    days: int
    sessions: int
    actions: Counter[str]
    lasted_s: float

    @property
    def told(self) -> str:
        """In a line."""
        done = ", ".join(f"{name} {count:,}" for name, count in sorted(self.actions.items()))
        looked = f"{self.days:,} days with {self.sessions:,} scored sessions"
        return f"{looked}, {done or 'nothing new'}, {self.lasted_s:,.1f} s"


def analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Followed:
    """Look through the last days of the record store and follow problems in the graph."""
    with writing_turn(settings), staging_folder(settings) as spill:
        return asyncio.run(_analyse(settings, locate, model, watch, spill))


async def _analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch, spill: Path
) -> Followed:
    started_s, actions, seen_sessions = time.perf_counter(), Counter[str](), 0
    days = StoredDays(RecordStore(settings.records_folder), connect(spill), model)
    lookout = Lookout(days.frame)
    listed = days.days(datetime.now(UTC).date())
    watch.begin("Looking for problems", len(listed))
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        judged_to = await looked_to(database)
        for day in listed:
            sums = days.sums(day)
            seen_sessions += int(sums.num_rows and pc.sum(sums["n"]).as_py())
            seen = lookout.look(window_of(day), days.frame.sums(sums))
            if day > judged_to:  # what went before is the past that it is compared with
                actions.update(await _judge(database, day, seen))
            watch.advance(1)
    return Followed(len(listed), seen_sessions, actions, time.perf_counter() - started_s)


async def _judge(database: Database, day: date, seen: Seen) -> list[str]:
    known = await followed(database, day - timedelta(days=MOST_DAYS))
    steps = follow(known, seen, Now(datetime.now(UTC), lambda: uuid4().hex))
    await save(database, steps)
    await write_looked_to(database, day)
    return [entry.action for step in steps for entry in step.entries]


class StoredDays:
    """The sums of the scores of the record store's sessions, a day at a time."""

    def __init__(self, store: RecordStore, engine: Backend, model: Model) -> None:
        self._engine = engine
        self._model = model
        self._sessions = store.table(engine, "sessions")
        self._cells = store.table(engine, "cells")
        self.frame = Frame.of(self._named(), _parents(self._newest_cells()))

    def days(self, until: date) -> list[date]:
        """Return the last days with sessions before a day, in order."""
        day = self._sessions.started_at.date()
        found = self._engine.to_pyarrow(self._sessions.select(day=day).distinct())
        return sorted(day for day in found["day"].to_pylist() if day < until)[-MOST_DAYS:]

    def sums(self, day: date) -> pa.Table:
        """Return the sums of a day, as ``graph.problem.sums`` wants them."""
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        at, wanted = self._sessions.started_at, _columns(self._model)
        is_of_day = (at >= ibis.literal(first)) & (at < ibis.literal(first + timedelta(days=1)))
        rows = self._sessions.filter(is_of_day).select("started_at", *_KEYS[1:], *wanted)
        return sums_of(self._model, self._engine.to_pyarrow(rows))

    def _named(self) -> pa.Table:
        found = [
            self._engine.to_pyarrow(self._sessions.select(name).distinct())[name].to_pylist()
            for name in _KEYS[1:]
        ]
        most = max(map(len, found), default=0)
        columns = [names + [None] * (most - len(names)) for names in found]
        texts = [pa.array(column, pa.string()) for column in columns]
        return pa.table(dict(zip(_KEYS[1:], texts, strict=True)))

    def _newest_cells(self) -> pa.Table:
        cells: Table = self._cells
        columns = ("cell_id", "site_id", "lat_deg", "lon_deg")
        # Whichever version is read last counts: any rule would do that loading's order cannot sway.
        order = [cells.valid_from.asc(nulls_first=True), *(cells[name].asc() for name in columns)]
        return self._engine.to_pyarrow(cells.order_by(*order).select(*columns))


def sums_of(model: Model, sessions: pa.Table) -> pa.Table:
    """Return the sums of some sessions' scores; those of services without a model are left out.

    KPIs are named by what they measure, which is alike for all services. A sample counts as much as
    any other, whatever its service's importance.
    """
    measures = _measures(model)
    parts = [
        _of_service(
            service, sessions.filter(pc.equal(sessions["service"], _name(service))), measures
        )
        for service in _services(model)
    ]
    rows = pa.concat_tables(parts)
    values = [name for name in rows.column_names if name not in _KEYS]
    added = rows.group_by(list(_KEYS)).aggregate([(name, "sum") for name in values])
    return added.rename_columns([*_KEYS, *values])


def _services(model: Model) -> list[Service]:
    return [
        each
        for each in model.services.values()
        if each.records == "sessions" and "service" in each.where
    ]


def _name(service: Service) -> str:
    return service.where["service"]


def _measures(model: Model) -> list[str]:
    found = {kpi.measure for each in _services(model) for _, kpi in each.kpis.values()}
    return sorted(found)


def _columns(model: Model) -> list[str]:
    """Return the columns of sessions that measures are made of."""
    return sorted({name for each in _services(model) for name in each.columns})


def _of_service(service: Service, rows: pa.Table, measures: Sequence[str]) -> pa.Table:
    """Return one row a sample that has a score."""
    kpis = [kpi for _, kpi in service.kpis.values()]
    scored = score_samples(service, {name: floats(rows[name]) for name in service.columns})
    is_known = ~np.isnan(scored.score)
    score = _POINTS * scored.score[is_known]
    columns: dict[str, object] = {
        "window_start": pc.floor_temporal(rows["started_at"], unit="hour").filter(is_known),
        **{name: rows[name].filter(is_known) for name in _KEYS[1:]},
        **dict(zip(_NUMBERS, (np.ones(len(score)), score, score**2), strict=True)),
    }
    for name in measures:
        parts = _kpi_columns(
            [number for number, kpi in enumerate(kpis) if kpi.measure == name],
            scored.scores[is_known],
            scored.contributions[is_known],
        )
        columns |= {f"{name}__{part}": values for part, values in parts}
    return pa.table(columns)


def _kpi_columns(
    numbers: Sequence[int], worths: Floats, contributions: Floats
) -> Iterator[tuple[str, Floats]]:
    worth, points = worths[:, numbers], contributions[:, numbers]
    yield "n", (~np.isnan(worth)).sum(axis=1).astype(np.float64)
    yield "sum", np.nan_to_num(worth).sum(axis=1)
    yield "contribution", _POINTS * points.sum(axis=1)


def _parents(cells: pa.Table) -> Parents:
    """Return the site and the place of each cell; of several versions the last one counts."""
    names = cells["cell_id"].to_pylist()
    site_of = dict(zip(names, cells["site_id"].to_pylist(), strict=True))
    where = places(cells["lat_deg"], cells["lon_deg"]).to_pylist()
    place_of = dict(zip(names, where, strict=True))
    return {
        "site": ("cell", {cell: site for cell, site in site_of.items() if site}),
        "place": ("cell", {cell: h3.int_to_str(at) for cell, at in place_of.items() if at}),
    }
