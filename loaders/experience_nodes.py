"""Scores as they are now, written to the graph as nodes of whom or what they are.

They are made of what is stored of experience, whichever engine scored it. Only owners whose sums
are others than those that their nodes were made from are written, and who has none any more is
taken away.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import get_args

import h3
import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from cypher import statement
from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, Row, opened
from graph.experience.model import Model
from graph.experience.nodes import (
    Kind,
    Owner,
    Stretch,
    group_of,
    newest,
    nodes_of,
    trend_begins,
)
from graph.experience.series import Window
from graph.experience.stored import Manifest, digest_of, read_manifest
from graph.identity import IdentityKey
from graph.raster import COARSEST_RESOLUTION
from graph.settings import Settings
from loaders.engine import connect, count, keep, read_files
from loaders.progress import Watch
from loaders.transforms.experience_nodes import current, owned, placed, shared_ground, trended
from loaders.turn import staging_folder, writing_turn

_STATES = statement("experience/states")
_COVERS = statement("experience/covers")
_PLACES = statement("experience/places")
_FORGET = statement("experience/forget")
_SAVE = statement("experience/save")
# By kind: the grain that has them, and its key. Services are of subscribers, places of two grains.
_OF_A_GRAIN: Mapping[Kind, tuple[str, str]] = {
    "subscriber": ("subscribers", "subscriber_id"),
    "segment": ("segments", "segment"),
    "cell": ("cells", "cell_id"),
    "device": ("samples", "tac"),
    "app": ("samples", "app_id"),
}
_OWNER = ("kind", "window", "owner")
_Held = tuple[Stretch, Owner]  # an owner's scores of a window
_OWNERS_AT_ONCE = 500
_ROWS_AT_ONCE = 10_000
_TEXT = pa.string()
_STATE = pa.schema([("kind", _TEXT), ("owner", _TEXT), ("window", _TEXT), ("state", pa.int64())])
_COVER = pa.schema([("cell_id", _TEXT), ("h3", _TEXT), ("share", pa.float64())])
_LIES = pa.schema([("h3", _TEXT), ("number", pa.int64()), ("owner", _TEXT), ("up", pa.int64())])


@dataclass(frozen=True)
class Written:
    """What was done: owners' windows that were written anew, taken away, and left as they were."""

    written: int
    nodes: int
    gone: int
    kept: int
    lasted_s: float

    @property
    def told(self) -> str:
        """A line about it."""
        counts = f"{self.written:,} written with {self.nodes:,} nodes, {self.gone:,} taken away"
        return f"{counts}, {self.kept:,} kept, {self.lasted_s:,.1f} s"


def write(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Written:
    """Write the scores of the newest windows to the graph, for all that is in it.

    Raises
    ------
    NotAnalysed
        Nothing has been scored by the model.
    """
    with writing_turn(settings), staging_folder(settings) as spill:
        return asyncio.run(_write(settings, locate, model, watch, spill))


async def _write(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch, spill: Path
) -> Written:
    started_s = time.perf_counter()
    manifest = read_manifest(settings.experience_folder, model.version)
    written = nodes = gone = kept = 0
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        now = _Now(connect(spill), settings, model, manifest)
        await now.hear_of(database)
        watch.begin("Writing scores", None)
        for change in now.changes() if manifest.days else ():
            nodes += await _replace(database, model, change, settings.batch_rows)
            written += len(change.owners)
            gone += len(change.gone)
            kept += change.kept
            watch.advance(len(change.owners))
    return Written(written, nodes, gone, kept, time.perf_counter() - started_s)


@dataclass(frozen=True)
class _Change:
    """Some owners whose scores of a window are others now, and some who have none any more."""

    owners: dict[_Held, list[Row]]
    gone: list[_Held]
    kept: int = 0


async def _replace(database: Database, model: Model, change: _Change, batch_rows: int) -> int:
    """Take away what the graph has of owners, write what they have now, and return how much."""
    groups = [
        {"begins": group_of(model.version, stretch.window, owner), "owner": owner.key}
        for stretch, owner in (*change.gone, *change.owners)
    ]
    await database.write(_FORGET, groups=groups)
    nodes = [node for held, rows in change.owners.items() for node in _nodes(model, held, rows)]
    for begin in range(0, len(nodes), batch_rows):
        await database.write(_SAVE, rows=nodes[begin : begin + batch_rows])
    return len(nodes)


def _nodes(model: Model, held: _Held, rows: list[Row]) -> Iterator[Row]:
    trends = {None: rows[0]["whole_trend"]} | {row["service"]: row["trend"] for row in rows}
    by_service = {row["service"]: row for row in rows}
    return nodes_of(model, *held, by_service, trends, rows[0]["state"])


class _Now:
    """What is stored of scores, beside what the graph has heard of it."""

    def __init__(
        self, engine: Backend, settings: Settings, model: Model, manifest: Manifest
    ) -> None:
        self._engine = engine
        self._model = model
        self._manifest = manifest
        self._folder = settings.experience_folder / manifest.version
        self._last = max(manifest.days, default=date.min)
        self._windows = settings.experience_windows

    async def hear_of(self, database: Database) -> None:
        """Read what the graph has."""
        states = [row async for row in database.stream(_STATES, model_version=self._model.version)]
        covers = [row async for row in database.stream(_COVERS)]
        places = [row["h3"] async for row in database.stream(_PLACES)]
        self._made("states", pa.Table.from_pylist(states, _STATE))
        self._made("covers", pa.Table.from_pylist(covers, _COVER))
        self._made("known", pa.table({"owner": pa.array(places, pa.string())}))
        # Places of which nobody but measurements knows may lie in larger ones that are known.
        measured = self._engine.to_pyarrow(self._stored("places").select("h3").distinct())
        below = {h3.int_to_str(place) for place in measured["h3"].to_pylist()}.union(places)
        lying = [each for place in sorted(below) for each in _lying(place)]
        self._made("lying", pa.Table.from_pylist(lying, _LIES))

    def changes(self) -> Iterator[_Change]:
        """Yield what is to be changed in the graph, some owners at a time."""
        stretches = {window: newest(window, self._newest) for window in self._windows}
        now, states = self._current(stretches), self._engine.table("states")
        gone = self._engine.to_pyarrow(states.anti_join(now, _OWNER)).to_pylist()
        kept = count(states.semi_join(now, [*_OWNER, "state"]))
        yield _Change({}, [_held(row, stretches) for row in gone], kept)
        changed = now.anti_join(states, [*_OWNER, "state"]).order_by(*_OWNER, "service")
        some: dict[_Held, list[Row]] = {}
        batches = self._engine.to_pyarrow_batches(changed, chunk_size=_ROWS_AT_ONCE)
        each = (row for batch in batches for row in batch.to_pylist())
        for held, theirs in groupby(each, lambda row: _held(row, stretches)):
            some[held] = list(theirs)
            if len(some) == _OWNERS_AT_ONCE:
                yield _Change(some, [])
                some = {}
        yield _Change(some, [])

    def _current(self, stretches: Mapping[Window, Stretch]) -> Table:
        windows = self._made("windows", pa.Table.from_pylist([*map(asdict, stretches.values())]))
        rows = ibis.union(*(self._rows(kind) for kind in get_args(Kind)))
        first = min(stretch.since for stretch in stretches.values())
        past, recent = (
            rows.filter(rows.at >= trend_begins(self._last)),
            rows.filter(rows.at >= first),
        )
        trends = keep(self._engine, "trends", trended(past, self._model, self._last))
        seed = digest_of(self._model)
        return keep(self._engine, "now", current(recent, trends, self._model, windows, seed))

    @cached_property
    def _newest(self) -> datetime:
        """The last hour of the last day of which a cell or a place has samples."""
        hours = [self._stored(grain).at.max().to_pyarrow().as_py() for grain in ("cells", "places")]
        known: list[datetime] = [hour.replace(tzinfo=UTC) for hour in hours if hour]
        return max([datetime.combine(self._last, clock(), UTC), *known])

    def _rows(self, kind: Kind) -> Table:
        """Return what owners of a kind have, by the windows of its grain."""
        if kind == "place":
            return self._of_places()
        if kind == "service":
            rows = self._stored("subscribers")
            texts = [
                (name, each.where.get("service")) for name, each in self._model.services.items()
            ]
            named = [(rows.service == name, text) for name, text in texts if text]
            return owned(rows, kind, ibis.cases((rows.service.isnull(), None), *named), self._model)
        grain, key = _OF_A_GRAIN[kind]
        rows = self._stored(grain)
        return owned(rows, kind, rows[key], self._model)

    def _of_places(self) -> Table:
        lying, known = self._engine.table("lying"), self._engine.table("known")
        of_places = lying.semi_join(known, "owner")
        shares = shared_ground(self._engine.table("covers"), of_places)
        within = of_places.select("owner", h3=of_places.number)
        return placed(self._stored("cells"), self._stored("places"), shares, within, self._model)

    def _stored(self, grain: str) -> Table:
        """Return what is stored of a grain, of as many days as a trend has."""
        first = trend_begins(self._last).date()
        files = [
            str(path)
            for on, day in sorted(self._manifest.days.items())
            if on >= first
            for path in sorted((self._folder / grain / day.files[grain]).glob("*.parquet"))
        ]
        rows = read_files(self._engine, files, f"stored_{grain}")
        return rows.cast({"at": "timestamp('UTC')"})  # which Spark's instants are, and do not say

    def _made(self, name: str, rows: pa.Table) -> Table:
        return self._engine.create_table(name, rows, temp=True)


def _held(row: Row, stretches: Mapping[Window, Stretch]) -> _Held:
    return stretches[row["window"]], Owner(row["kind"], row["owner"])


def _lying(place: str) -> Iterator[Row]:
    """Yield the places that a place lies in, itself first."""
    size = h3.get_resolution(place)
    for up in range(size - COARSEST_RESOLUTION + 1):
        owner = h3.cell_to_parent(place, size - up)
        yield {"h3": place, "number": h3.str_to_int(place), "owner": owner, "up": up}
