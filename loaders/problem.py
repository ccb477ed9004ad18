"""The closed loop over what experience has scored: its stored sums are looked through by days.

Whatever is not scored yet is scored first; ``graph.problem`` does the rest. One day at a time is in
memory, some 700 bytes a sample. A day that has not ended is not looked at.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import h3
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, opened
from graph.experience.model import Model
from graph.identity import IdentityKey
from graph.kernels import pc
from graph.problem.identify import Seen
from graph.problem.identify import Watch as Lookout
from graph.problem.loop import Now, follow
from graph.problem.problem import window_of
from graph.problem.scored import ScoredDays
from graph.problem.store import followed, looked_to, save, write_looked_to
from graph.problem.sums import Parents
from graph.settings import Settings
from loaders import experience
from loaders.coverage.positions import places
from loaders.engine import connect
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.turn import staging_folder, writing_turn

MOST_DAYS = 60


@dataclass(frozen=True)
class Followed:
    """What was looked through, and what it changed.

    Attributes
    ----------
    samples : int
        Sessions, calls and messages that have a score; a call may be one of either side.
    actions : Counter of str
        How often problems were opened, verified, closed or reopened.
    """

    days: int
    samples: int
    actions: Counter[str]
    lasted_s: float

    @property
    def told(self) -> str:
        """In a line."""
        done = ", ".join(f"{name} {count:,}" for name, count in sorted(self.actions.items()))
        looked = f"{self.days:,} days with {self.samples:,} scored samples"
        return f"{looked}, {done or 'nothing new'}, {self.lasted_s:,.1f} s"


def analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Followed:
    """Look through the last days of the record store and follow problems in the graph."""
    experience.analyse(settings, model, watch)
    with writing_turn(settings), staging_folder(settings) as spill:
        parents = _parents(_newest_cells(settings, connect(spill)))
        return asyncio.run(_analyse(settings, locate, model, watch, parents))


async def _analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch, parents: Parents
) -> Followed:
    started_s, actions, samples = time.perf_counter(), Counter[str](), 0
    scored = ScoredDays(settings.experience_folder, model)
    days = scored.days(datetime.now(UTC).date())[-MOST_DAYS:]
    frame = scored.frame(days, parents)
    lookout = Lookout(frame)
    watch.begin("Looking for problems", len(days))
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        judged_to = await looked_to(database)
        for day in days:
            sums = scored.sums(day)
            samples += int(pc.sum(sums["n"]).as_py() or 0)
            seen = lookout.look(window_of(day), frame.sums(sums))
            if day > judged_to:  # what went before is the past that it is compared with
                actions.update(await _judge(database, day, seen))
            watch.advance(1)
    return Followed(len(days), samples, actions, time.perf_counter() - started_s)


async def _judge(database: Database, day: date, seen: Seen) -> list[str]:
    known = await followed(database, day - timedelta(days=MOST_DAYS))
    steps = follow(known, seen, Now(datetime.now(UTC), lambda: uuid4().hex))
    await save(database, steps)
    await write_looked_to(database, day)
    return [entry.action for step in steps for entry in step.entries]


def _newest_cells(settings: Settings, engine: Backend) -> pa.Table:
    cells: Table = RecordStore(settings.records_folder).table(engine, "cells")
    columns = ("cell_id", "site_id", "lat_deg", "lon_deg")
    # Whichever version is read last counts: any rule would do that loading's order cannot sway.
    order = [cells.valid_from.asc(nulls_first=True), *(cells[name].asc() for name in columns)]
    return engine.to_pyarrow(cells.order_by(*order)).select(columns)


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
