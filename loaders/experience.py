"""How good everything was, scored from the record store and stored beside it as sums.

A day is scored anew only where the store's records of it are others than when it was scored, and
then that day alone. What a killed run has finished stays, and the next run goes on from there. Each
version of the model has a folder of its own, so that two can be compared.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import hashlib
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.errors import NotAnalysed
from graph.experience.model import Model
from graph.experience.stored import (
    FINEST,
    GRAINS,
    MANIFEST,
    Manifest,
    ScoredDay,
    digest_of,
    read_manifest,
)
from graph.settings import Settings
from loaders.engine import keep, read_files, working, write_parquet
from loaders.kinds import KINDS
from loaders.parts import files_between
from loaders.progress import Watch
from loaders.store import RecordStore, read
from loaders.transforms.device import owned_on
from loaders.transforms.experience import DEVICELESS, added, coarser, finest, samples_of
from loaders.transforms.subscriber import attributes
from loaders.turn import writing_turn

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scoring:
    """What was done: days that were scored, days that were as they should be, and samples."""

    days: int
    kept: int
    samples: int
    lasted_s: float


def analyse(settings: Settings, model: Model, watch: Watch) -> Scoring:
    """Score all days of the record store that changed since they were scored."""
    started_s = time.perf_counter()
    folder = settings.experience_folder / model.version
    with writing_turn(settings):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        spill = folder / f"spill-{uuid4().hex[:8]}"
        spill.mkdir()
        try:
            with working(settings, spill) as engine, stages_apart():
                return _Run(settings, model, engine, folder).done(watch, started_s)
        finally:
            shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def stages_apart() -> Iterator[None]:
    """Keep each step of an expression a query of its own while the block runs.

    Ibis writes steps into each other, and what is used twice twice; scores would be computed dozens
    of times.
    """
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


@dataclass(frozen=True)
class _Run:
    settings: Settings
    model: Model
    engine: BaseBackend
    folder: Path

    def done(self, watch: Watch, started_s: float) -> Scoring:
        """Score what changed, publish each day as it is done, and clear away what nobody reads."""
        manifest, states = self._manifest(), self._states()
        days = {day: found for day, found in manifest.days.items() if day in states}
        changed = [on for on in sorted(states) if not _is_done(days.get(on), states[on])]
        watch.begin("Scoring days", len(changed))
        for on in changed:
            days[on] = self._day(on, states[on])
            self._publish(manifest, days)
            watch.advance(1)
        regrouped = [on for on in sorted(days) if days[on].people != self._people]
        watch.begin("Adding up segments", len(regrouped))
        for on in regrouped:
            days[on] = self._with_segments(on, days[on])
            watch.advance(1)
        self._publish(manifest, days)
        self._clear(days)
        samples = sum(days[on].samples for on in changed)
        lasted_s = time.perf_counter() - started_s
        return Scoring(len(changed), len(days) - len(changed), samples, lasted_s)

    @property
    def _kinds(self) -> list[str]:
        return sorted({service.records for service in self.model.services.values()})

    def _manifest(self) -> Manifest:
        digest = digest_of(self.model)
        try:
            found = read_manifest(self.folder.parent, self.model.version)
        except NotAnalysed:
            found = None
        if found is None or found.model != digest:
            return Manifest(
                version=self.model.version, model=digest, as_of=datetime.now(UTC), days={}
            )
        return found

    def _states(self) -> dict[date, str]:
        """Return a digest a day of which loads its records came with, and how many with each.

        Calls and messages are of a device, so what is known until then of who has which counts.
        """
        store = RecordStore(self.settings.records_folder)
        found: dict[date, list[str]] = defaultdict(list)
        for kind in self._kinds:
            records = store.table(self.engine, kind)
            at = records[_time_of(kind)]
            counted = records.group_by("load_id", on=at.date()).agg(records=records.count())
            for row in self.engine.to_pyarrow(counted).to_pylist():
                found[row["on"]].append(f"{kind} {row['load_id']} {row['records']}")
                if kind in DEVICELESS:
                    found[row["on"]] += self._owned_until(row["on"])
        return {on: _digest(lines) for on, lines in found.items()}

    @cached_property
    def _people(self) -> str:
        """Digest of which loads subscribers came with, and how many with each."""
        people = RecordStore(self.settings.records_folder).table(self.engine, "subscribers")
        counted = people.group_by("load_id").agg(records=people.count())
        rows = self.engine.to_pyarrow(counted).to_pylist()
        return _digest([f"{row['load_id']} {row['records']}" for row in rows])

    @cached_property
    def _segment_of(self) -> Table:
        people = RecordStore(self.settings.records_folder).table(self.engine, "subscribers")
        known = attributes(people).select("subscriber_id", "segment")
        return keep(self.engine, "segment_of", known)

    def _owned_until(self, on: date) -> list[str]:
        known: dict[str, int] = defaultdict(int)
        for load_id, since, records in self._owned_since:
            if since is None or since <= on:
                known[load_id] += records
        return [f"ownerships {load_id} {records}" for load_id, records in known.items()]

    @cached_property
    def _owned_since(self) -> list[tuple[str, date | None, int]]:
        rows = self._ownerships
        counted = rows.group_by("load_id", since=rows.since.date()).agg(records=rows.count())
        found = self.engine.to_pyarrow(counted).to_pylist()
        return [(row["load_id"], row["since"], row["records"]) for row in found]

    @cached_property
    def _ownerships(self) -> Table:
        return RecordStore(self.settings.records_folder).table(self.engine, "ownerships")

    def _day(self, on: date, state: str) -> ScoredDay:
        """Score a day: each sample once; then each grain is added up from its base's sums."""
        parts = [finest(self.model, kind, self._samples(kind, on)) for kind in self._kinds]
        sums = ibis.union(*parts) if parts[1:] else parts[0]
        day = ScoredDay(state=state, samples=0, files={FINEST: self._written(FINEST, on, sums)})
        stored = self._stored(FINEST, day)
        samples = int(self.engine.to_pyarrow(stored.samples.sum()).as_py() or 0)
        for name, grain in GRAINS.items():
            if grain.base == FINEST:
                rows = coarser(stored, grain, self.model)
                day.files[name] = self._written(name, on, rows, (*grain.keys, "at"))
        return self._with_segments(on, day.model_copy(update={"samples": samples}))

    def _with_segments(self, on: date, day: ScoredDay) -> ScoredDay:
        """Add up what is stored of a day's subscribers by their segments."""
        rows = self._stored("subscribers", day).left_join(self._segment_of, "subscriber_id")
        written = self._written(
            "segments", on, added(rows, self.model, ["segment", "at", "service"])
        )
        files_now = {**day.files, "segments": written}
        return day.model_copy(update={"people": self._people, "files": files_now})

    def _stored(self, grain: str, day: ScoredDay) -> Table:
        files = (self.folder / grain / day.files[grain]).glob("*.parquet")
        return read_files(self.engine, sorted(map(str, files)), f"day_of_{grain}")

    def _written(self, grain: str, on: date, rows: Table, sorted_by: Sequence[str] = ()) -> str:
        """Write a day's rows of a grain, and return the name of their folder."""
        name = f"{on.isoformat()}-{uuid4().hex[:8]}"
        (self.folder / grain).mkdir(exist_ok=True)
        write_parquet(self.engine, rows, self.folder / grain / name, sorted_by)
        return name

    def _samples(self, kind: str, on: date) -> Table:
        first = datetime(on.year, on.month, on.day, tzinfo=UTC)
        files = files_between(
            self.settings.records_folder / kind, _time_of(kind), first, first + _DAY
        )
        records = read(self.engine, files, kind, f"day_of_{kind}")
        at = records[_time_of(kind)]
        day = records.filter(at.date() == ibis.literal(on))
        samples = samples_of(kind, day, owned_on(self._ownerships, on))
        return self.engine.create_view(f"samples_of_{kind}", samples, overwrite=True)

    def _publish(self, manifest: Manifest, days: dict[date, ScoredDay]) -> None:
        fresh = self.folder / f"{MANIFEST}.new"
        now = manifest.model_copy(
            update={"days": dict(sorted(days.items())), "as_of": datetime.now(UTC)}
        )
        fresh.write_text(now.model_dump_json(), encoding="utf-8")
        fresh.replace(self.folder / MANIFEST)

    def _clear(self, days: dict[date, ScoredDay]) -> None:
        for grain in GRAINS:
            kept = {day.files.get(grain) for day in days.values()}
            for path in (self.folder / grain).glob("*"):
                if path.name not in kept:
                    shutil.rmtree(path, ignore_errors=True)


def _is_done(day: ScoredDay | None, state: str) -> bool:
    """Tell whether a day is scored as it should be, in all grains; older ones had others."""
    return day is not None and day.state == state and day.files.keys() >= GRAINS.keys()


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _time_of(kind: str) -> str:
    return str(KINDS[kind].time)  # every kind that is scored has one
