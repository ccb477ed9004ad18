"""Generated sessions, calls and messages, scored by the shipped model, and what was planted."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false, reportArgumentType=false

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import h3
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from graph.experience.model import DEFAULT_VERSION, bundled_models, read_model
from graph.problem.identify import Seen, Watch
from graph.problem.problem import window_of
from graph.problem.scored import WATCHED, sums_of
from graph.problem.sums import Frame, Kind, Parents
from loaders.experience import stages_apart
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.kinds import KINDS
from loaders.transforms.device import owned_on
from loaders.transforms.experience import finest, samples_of

_KIND_OF: dict[str, Kind] = {"voice": "cell", "messages": "service"}
_COLUMNS = ("cell_id", "tac", "app_id", "service", "technology", "subscriber_id")


@dataclass(frozen=True)
class Planted:
    """One episode of a planted problem.

    Attributes
    ----------
    kind, target
        As a finding names it.
    first_day, last_day : int
        From the start, both inclusive; the last one may lie behind the end.
    """

    scope: str
    kind: Kind
    target: str
    episode: int
    first_day: int
    last_day: int


@dataclass(frozen=True)
class Life:
    """Days as they were seen, what was planted, and how many places there are."""

    seen: list[Seen]
    planted: list[Planted]
    places: int
    samples: int
    parents: Parents

    def kin(self, one: Planted) -> set[tuple[Kind, str]]:
        """Return what a planted cell or site is part of, and its parts."""
        site_of, place_of = (self.parents[kind][1] for kind in ("site", "place"))
        found: set[tuple[Kind, str]] = set()
        if one.kind == "cell":
            found |= {("site", site_of[one.target]), ("place", place_of[one.target])}
        if one.kind == "site":
            cells = [cell for cell, site in site_of.items() if site == one.target]
            found |= {("cell", cell) for cell in cells}
            found |= {("place", place_of[cell]) for cell in cells}
        return found


def live(folder: Path, options: Options) -> Life:
    """Generate a population, score what it did, and look through it day by day."""
    generate(folder, options)
    days = [options.start + timedelta(days=number) for number in range(options.days)]
    tables = list(_scored(folder, options))
    cells = pq.read_table(folder / "cells.parquet")
    parents = _parents(cells)
    values = {name: _distinct(tables, name) for name in _COLUMNS}
    watch = Watch(frame := Frame.of(values, parents))
    seen = [
        watch.look(window_of(day), frame.sums(table))
        for day, table in zip(days, tables, strict=True)
    ]
    places = len(set(parents["place"][1].values()))
    return Life(seen, _planted(folder, options, parents), places, sum(map(len, tables)), parents)


def _scored(folder: Path, options: Options) -> Iterator[pa.Table]:
    model = read_model(bundled_models()[DEFAULT_VERSION])
    engine = ibis.duckdb.connect(memory_limit="1GB", threads=1)
    owned = _typed("ownerships", engine.read_parquet(folder / "ownerships.parquet"))
    for number in range(options.days):
        day = options.start + timedelta(days=number)
        parts = []
        for kind in WATCHED:
            with stages_apart():
                records = _typed(kind, engine.read_parquet(folder / f"{kind}-{day}.parquet"))
                samples = samples_of(kind, records, owned_on(owned, day))
                parts.append(engine.to_pyarrow(finest(model, kind, samples)))
        yield sums_of(model, pa.concat_tables(parts, promote_options="permissive"))
    engine.disconnect()


def _typed(kind: str, records: Table) -> Table:
    """Return records with every column of their kind; numbers stay what they are."""
    schema = ibis.Schema.from_pyarrow(KINDS[kind].schema())
    columns = {
        name: records[name].cast(type_)
        if name in records.columns
        else ibis.null(type_.copy(nullable=True))
        for name, type_ in schema.items()
    }
    return records.select(**columns)


def _distinct(tables: list[pa.Table], name: str) -> list[str]:
    found = {value for table in tables for value in table[name].unique().to_pylist()}
    return sorted(value for value in found if value is not None)


def _parents(cells: pa.Table) -> Parents:
    rows = cells.to_pylist()
    site_of = {str(row["cell_id"]): str(row["site_id"]) for row in rows}
    place_of = {
        str(row["cell_id"]): h3.latlng_to_cell(row["lat_deg"], row["lon_deg"], 8) for row in rows
    }
    return {"site": ("cell", site_of), "place": ("cell", place_of)}


def _planted(folder: Path, options: Options, parents: Parents) -> list[Planted]:
    if not options.problems:
        return []
    found = {}
    for row in pq.read_table(folder / "truth" / "problems.parquet").to_pylist():
        scope, target = row["scope"], row["target_id"]
        first, end = (
            (date.fromisoformat(row[name][:10]) - options.start).days
            for name in ("began_at", "ended_at")
        )
        name = parents["site"][1][target] if scope == "site" else target
        kind = _KIND_OF.get(scope, scope)
        key = (row["problem"], row["episode"])
        if first < options.days:
            found[key] = Planted(scope, kind, name, row["episode"], first, end - 1)
    return list(found.values())
