"""Everybody's place in the network, measured on all ties and written to the graph.

Nothing is done where the ties are those that were measured last.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from cypher import statement
from graph.database.projection import Projections
from graph.database.session import Database, Endpoint, opened
from graph.influence.measures import STEPS, Measured, measured
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings
from loaders.progress import Watch
from loaders.turn import writing_turn
from loaders.versions import is_current, write_down

_SAVE = statement("influence/save")
_WHAT = "influence 1"  # another number: other measures, which are then computed anew


@dataclass(frozen=True)
class Ranked:
    """What was done; ``ties`` is None where nothing was new."""

    subscribers: int
    ties: int | None
    sources: int
    error: float
    lasted_s: float

    @property
    def told(self) -> str:
        """A line about it."""
        if self.ties is None:
            return f"nothing new, {self.lasted_s:,.1f} s"
        by = f"from {self.sources:,} of them, wrong by at most {self.error:.3f}"
        between = by if self.error else "exactly"
        counts = f"{self.subscribers:,} subscribers, {self.ties:,} ties"
        return f"{counts}, betweenness {between}, {self.lasted_s:,.1f} s"


def analyse(settings: Settings, locate: Callable[[], Endpoint], watch: Watch) -> Ranked:
    """Measure everybody's influence anew, and write it to the graph."""
    with writing_turn(settings):
        return asyncio.run(_analyse(settings, locate, watch))


async def _analyse(settings: Settings, locate: Callable[[], Endpoint], watch: Watch) -> Ranked:
    started_s = time.perf_counter()
    async with opened(locate, settings) as database:
        watch.begin("Reading ties", 1)
        ties = await Projections(settings, Ledger(settings.ledger_file)).now(database)
        watch.advance(1)
        if is_current(settings, _WHAT, ties.version):
            return Ranked(len(ties), None, 0, 0, time.perf_counter() - started_s)
        watch.begin("Measuring influence", STEPS)
        found = measured(ties, done=partial(watch.advance, 1))
        await _save(database, ties, found, settings.batch_rows, watch)
        write_down(settings, _WHAT, ties.version)
    lasted_s = time.perf_counter() - started_s
    return Ranked(len(ties), len(ties.caller), found.sources, found.error, lasted_s)


async def _save(
    database: Database, ties: Projection, found: Measured, batch_rows: int, watch: Watch
) -> None:
    watch.begin("Writing influence", len(ties))
    as_of = datetime.now(UTC)
    for batch in found.rows.to_batches(max_chunksize=batch_rows):
        await database.write(_SAVE, rows=batch.to_pylist(), as_of=as_of)
        watch.advance(len(batch))
