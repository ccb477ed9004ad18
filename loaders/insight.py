"""How apps are doing, computed from the record store and stored as numbers alone."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import h3
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.crowd.audit import LEAST
from graph.crowd.record import CrowdRecord
from graph.database.session import Row
from graph.errors import NotAnalysed
from graph.insight.release import AppRelease, Release, kept, read_release, released, write_release
from graph.insight.use import ActiveDay, Key, Use
from graph.settings import Settings
from loaders.engine import keep, working
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.transforms.behaviour import positions
from loaders.transforms.insight import active_days, cells_of_use
from loaders.turn import staging_folder, writing_turn

_AREA_RESOLUTION = 6  # hexagons of 36 square kilometres on average
_DECADE = 10
_ASKER = "everybody about"  # an app: what is released is told to all alike


@dataclass(frozen=True)
class Done:
    """What was done: apps of enough users, with all that is told of them."""

    apps: int
    lasted_s: float


def analyse(settings: Settings, watch: Watch) -> Done:
    """Release how all apps are doing, as far as it tells nothing of few."""
    started_s = time.perf_counter()
    with writing_turn(settings):
        with staging_folder(settings) as spill, working(settings, spill) as engine:
            apps = _Apps.of(engine, RecordStore(settings.records_folder))
            told = _released(settings, apps, watch)
        release = Release(as_of=datetime.now(UTC), apps=told)
        write_release(settings.insight_file, release)
    return Done(len(told), time.perf_counter() - started_s)


def _released(settings: Settings, apps: "_Apps", watch: Watch) -> dict[str, AppRelease]:
    try:
        former = read_release(settings.insight_file).apps
    except NotAnalysed:
        former = {}
    record = CrowdRecord(settings.crowd_file)
    keys = apps.keys()
    watch.begin("Telling of apps", len(keys))
    told: dict[str, AppRelease] = {}
    for app_id in keys:
        use = apps.use(app_id)
        counts: dict[Key, int | None] = {}
        for section in use.sections():
            fresh = record.counted(f"{_ASKER} {app_id}", section)
            record.publish(app_id, {key: section[key] for key, count in fresh.items() if count})
            counts |= fresh
        told[app_id] = kept(released(use, counts, *apps.covered), former.get(app_id))
        watch.advance(1)
    return former | told


@dataclass(frozen=True)
class _Apps:
    """The tables that are asked about each app."""

    days: Table
    cells: Table
    people: Mapping[str, Mapping[str, set[str]]]
    areas: Mapping[str, str]
    categories: Mapping[str, str]
    covered: tuple[date, date]

    @classmethod
    def of(cls, engine: BaseBackend, store: RecordStore) -> "_Apps":
        sessions = store.table(engine, "sessions")
        days = keep(engine, "active_days", active_days(sessions))
        cells = keep(engine, "cells_of_use", cells_of_use(sessions))
        apps = store.table(engine, "apps")
        named = apps.group_by("app_id").agg(category=apps.category.max())
        (span,) = days.agg(first=days.on.min(), last=days.on.max()).to_pyarrow().to_pylist()
        today = datetime.now(UTC).date()
        return cls(
            days,
            cells,
            _people(store.table(engine, "subscribers")),
            _areas(store.table(engine, "cells")),
            {row["app_id"]: row["category"] for row in _rows(named) if row["category"]},
            (span["first"] or today, span["last"] or today),
        )

    def keys(self) -> list[str]:
        """Return the apps with enough users, by key."""
        users = self.days.group_by("app_id").agg(users=self.days.subscriber_id.nunique())
        return sorted(row["app_id"] for row in _rows(users.filter(users.users >= LEAST)))

    def use(self, app_id: str) -> Use:
        mine = _rows(self.days.filter(self.days.app_id == app_id).drop("app_id"))
        days = [ActiveDay(**row) for row in mine]
        users = {day.subscriber_id for day in days}
        facts: dict[str, dict[str, set[str]]] = {
            name: {value: there for value, who in values.items() if (there := who & users)}
            for name, values in self.people.items()
        }
        facts["area"] = dict(self._areas_of(app_id))
        return Use(days, facts, self._rivals(app_id))

    def _areas_of(self, app_id: str) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for row in _rows(self.cells.filter(self.cells.app_id == app_id)):
            if area := self.areas.get(row["cell_id"]):
                found[area].add(row["subscriber_id"])
        return found

    def _rivals(self, app_id: str) -> Mapping[str, Mapping[date, set[str]]]:
        category = self.categories.get(app_id)
        others = [
            other
            for other, its in self.categories.items()
            if its == category and category and other != app_id
        ]
        found: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
        if others:
            month = self.days.on.truncate("M")
            rows = self.days.filter(self.days.app_id.isin(others))
            for row in _rows(rows.select("app_id", "subscriber_id", month=month).distinct()):
                found[row["app_id"]][row["month"]].add(row["subscriber_id"])
        return found


def _people(subscribers: Table) -> Mapping[str, Mapping[str, set[str]]]:
    """Return who is of which gender, and who was born in which decade."""
    known = subscribers.group_by("subscriber_id").agg(
        gender=subscribers.gender.max(), birth_year=subscribers.birth_year.max()
    )
    genders: dict[str, set[str]] = defaultdict(set)
    decades: dict[str, set[str]] = defaultdict(set)
    for row in _rows(known):
        if row["gender"]:
            genders[row["gender"]].add(row["subscriber_id"])
        if row["birth_year"]:
            decade = row["birth_year"] // _DECADE * _DECADE
            decades[f"{decade}"].add(row["subscriber_id"])
    return {"gender": genders, "decade": decades}


def _areas(cells: Table) -> Mapping[str, str]:
    return {
        row["cell_id"]: h3.latlng_to_cell(row["lat_deg"], row["lon_deg"], _AREA_RESOLUTION)
        for row in _rows(positions(cells))
        if row["lat_deg"] is not None
    }


def _rows(table: Table) -> list[Row]:
    rows: list[Row] = table.to_pyarrow().to_pylist()
    return rows
