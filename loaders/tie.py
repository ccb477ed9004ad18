"""The ties of each day, computed from the record store and stored beside it.

A day is computed anew only where the store's records of it are others than when it was computed,
and then that day alone.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import hashlib
import shutil
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

from graph.errors import NotAnalysed
from graph.kernels import pc
from graph.settings import Settings
from graph.tie.days import DAYS, MANIFEST, MEASURES, Manifest, StoredDay, read_manifest, schema
from loaders.engine import working
from loaders.parts import files_between
from loaders.progress import Watch
from loaders.store import RecordStore, read
from loaders.transforms.place import local_clock
from loaders.transforms.tie import interactions, ties_of_day
from loaders.turn import writing_turn

_DAY = timedelta(days=1)
_TIMES = {"calls": "started_at", "messages": "sent_at"}


@dataclass(frozen=True)
class Counted:
    """What was done: days that were computed, with their ties, and days that were as they are."""

    days: int
    kept: int
    ties: int
    lasted_s: float


def analyse(settings: Settings, watch: Watch) -> Counted:
    """Compute the ties of all days of the record store that changed since they were computed."""
    started_s = time.perf_counter()
    folder = settings.social_folder
    with writing_turn(settings):
        (folder / DAYS).mkdir(parents=True, exist_ok=True, mode=0o700)
        spill = folder / f"spill-{uuid4().hex[:8]}"
        spill.mkdir()
        try:
            with working(settings, spill) as engine:
                return _Run(settings, engine, folder).done(watch, started_s)
        finally:
            shutil.rmtree(spill, ignore_errors=True)


@dataclass(frozen=True)
class _Run:
    settings: Settings
    engine: BaseBackend
    folder: Path

    def done(self, watch: Watch, started_s: float) -> Counted:
        """Compute what changed, and publish it at once."""
        known, keys = self._known()
        states = self._states()
        days = {on: day for on, day in known.items() if on in states}
        changed = [on for on in sorted(states) if on not in days or days[on].state != states[on]]
        watch.begin("Counting ties of days", len(changed))
        for on in changed:
            days[on], keys = self._day(on, states[on], keys)
            watch.advance(1)
        self._publish(days, keys)
        ties = sum(days[on].ties for on in changed)
        lasted_s = time.perf_counter() - started_s
        return Counted(len(changed), len(days) - len(changed), ties, lasted_s)

    def _known(self) -> tuple[Mapping[date, StoredDay], pa.Array]:
        try:
            manifest = read_manifest(self.folder)
        except NotAnalysed:
            return {}, pa.array([], pa.string())
        keys = pq.read_table(self.folder / manifest.keys)["key"].combine_chunks()
        is_same = manifest.time_zone == self.settings.local_time_zone
        return (manifest.days if is_same else {}), keys

    def _states(self) -> dict[date, str]:
        """Return a digest a day of which loads its records came with, and how many with each."""
        store = RecordStore(self.settings.records_folder)
        found: dict[date, list[str]] = defaultdict(list)
        for kind, at in _TIMES.items():
            records = store.table(self.engine, kind)
            counted = records.group_by("load_id", on=records[at].date()).agg(
                records=records.count()
            )
            for row in self.engine.to_pyarrow(counted).to_pylist():
                found[row["on"]].append(f"{kind} {row['load_id']} {row['records']}")
        return {
            on: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
            for on, lines in found.items()
        }

    def _day(self, on: date, state: str, keys: pa.Array) -> tuple[StoredDay, pa.Array]:
        first = datetime(on.year, on.month, on.day, tzinfo=UTC)
        records = {}
        for kind, at in _TIMES.items():
            files = files_between(self.settings.records_folder / kind, at, first, first + _DAY)
            rows = read(self.engine, files, kind, f"day_of_{kind}")
            records[kind] = rows.filter(rows[at].date() == ibis.literal(on))
        events = interactions(records["calls"], records["messages"])
        clock = local_clock(self.settings.local_time_zone, first, first + _DAY)
        rows = self.engine.to_pyarrow(ties_of_day(events, clock))
        ends = pa.chunked_array([*rows["caller_id"].chunks, *rows["callee_id"].chunks], pa.string())
        met = ends.unique()
        keys = pa.concat_arrays([keys, met.filter(pc.invert(pc.is_in(met, keys)))])
        table = _numbered(rows, keys)
        name = f"{on.isoformat()}-{uuid4().hex[:8]}.parquet"
        pq.write_table(table, self.folder / DAYS / name, compression="zstd")
        return StoredDay(state=state, file=name, ties=len(table)), keys

    def _publish(self, days: Mapping[date, StoredDay], keys: pa.Array) -> None:
        name = f"keys-{uuid4().hex[:8]}.parquet"
        # Statistics would name the first and the last even where nobody asks.
        pq.write_table(pa.table({"key": keys}), self.folder / name, write_statistics=False)
        manifest = Manifest(
            as_of=datetime.now(UTC),
            keys=name,
            people=len(keys),
            time_zone=self.settings.local_time_zone,
            days=dict(sorted(days.items())),
        )
        fresh = self.folder / f"{MANIFEST}.new"
        fresh.write_text(manifest.model_dump_json(), encoding="utf-8")
        fresh.replace(self.folder / MANIFEST)
        kept = {day.file for day in days.values()} | {name}
        for path in [*(self.folder / DAYS).glob("*"), *self.folder.glob("keys-*")]:
            if path.name not in kept:
                path.unlink(missing_ok=True)


def _numbered(rows: pa.Table, keys: pa.Array) -> pa.Table:
    """Return a day's ties with numbers for their ends, in the order of these."""
    ends = {name: pc.index_in(rows[f"{name}_id"], keys) for name in ("caller", "callee")}
    table = pa.table({**ends, **{name: rows[name] for name in MEASURES}}).cast(schema())
    return table.sort_by([("caller", "ascending"), ("callee", "ascending")])
