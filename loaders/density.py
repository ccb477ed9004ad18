"""Who was where in each hour, computed from the record store and stored beside it."""

import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.density.stored import MANIFEST, PRESENCES, Manifest
from graph.settings import Settings
from loaders.coverage.versions import spans
from loaders.engine import keep, working
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.transforms import place, tie
from loaders.transforms.density import hourly
from loaders.turn import staging_folder, writing_turn

_BATCH_ROWS = 500_000


@dataclass(frozen=True)
class Counted:
    """What was done: rows of a subscriber and an hour."""

    presences: int
    lasted_s: float


def analyse(settings: Settings, watch: Watch) -> Counted:
    """Compute anew who was where in each hour, and put it in the place of what there was."""
    started_s = time.perf_counter()
    folder = settings.density_folder
    with writing_turn(settings):
        build = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
        build.mkdir(parents=True, mode=0o700)
        watch.begin("Telling who was where", None)
        with staging_folder(settings) as spill, working(settings, spill) as engine:
            store = RecordStore(settings.records_folder)
            last, rows = _written(engine, keep(engine, "hourly", _hourly(engine, store)), build)
        fresh = Manifest(build=build.name, as_of=datetime.now(UTC), last_hour=last)
        _publish(folder, fresh)
        watch.advance(rows)
    return Counted(rows, time.perf_counter() - started_s)


def _hourly(engine: BaseBackend, store: RecordStore) -> Table:
    events = tie.interactions(store.table(engine, "calls"), store.table(engine, "messages"))
    seen = place.sightings(
        events, store.table(engine, "sessions"), store.table(engine, "locations")
    )
    versions = place.cells(store.table(engine, "cells")).to_pyarrow()
    return hourly(place.presences(seen, ibis.memtable(spans(versions))))


def _written(engine: BaseBackend, found: Table, build: Path) -> tuple[datetime | None, int]:
    """Write rows in the order of hours, and return the last one and how many rows there are."""
    rows, last = 0, None
    # Statistics of pseudonyms would name the first and the last even where nobody asks.
    options = {"compression": "zstd", "write_statistics": ["hour", "h3"]}
    with pq.ParquetWriter(build / "part-0.parquet", PRESENCES, **options) as file:
        ordered = found.order_by(["hour", "h3", "subscriber_id"])
        for batch in engine.to_pyarrow_batches(ordered, chunk_size=_BATCH_ROWS):
            table = pa.Table.from_batches([batch]).select(PRESENCES.names).cast(PRESENCES)
            file.write_table(table)
            rows += len(table)
            last = table["hour"][-1].as_py() if len(table) else last
    return last, rows


def _publish(folder: Path, manifest: Manifest) -> None:
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_text(manifest.model_dump_json(), encoding="utf-8")
    fresh.replace(folder / MANIFEST)
    for build in folder.iterdir():
        if build.is_dir() and build.name != manifest.build:
            shutil.rmtree(build, ignore_errors=True)
