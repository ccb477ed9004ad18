"""How everybody behaves, computed from the record store and stored beside it.

::

    record store ─ divided by subscriber ─▶ parts of whole subscribers ─▶ histories and
                   (on disk)                in parallel processes         usual indicators

A build is made in a folder of its own and then put in place of the former one at once. It depends
on the records alone, not on the order in which they were loaded.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.behaviour.history import MANIFEST, SESSIONS, SESSIONS_FILE, Manifest, Part
from graph.behaviour.parts import write_part
from graph.footers import COMPRESSION, ROW_GROUP
from graph.kernels import pc
from graph.ledger import Ledger
from graph.settings import Settings
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.transforms.behaviour import history, positions, sessions_begun
from loaders.turn import writing_turn

_PART_ROWS = 100_000
_MOST_PARTS = 500  # each is an open file
_PREFIX = 4  # hexadecimal digits of a pseudonym that decide its part
_BATCH_ROWS = 500_000
_MEMORY = "1GiB"
_CELLS = "cells.parquet"


@dataclass(frozen=True)
class Analysed:
    """What was computed."""

    subscribers: int
    events: int
    lasted_s: float


def analyse(settings: Settings, watch: Watch) -> Analysed:
    """Compute the behaviour of all subscribers anew and store it."""
    started_s = time.perf_counter()
    time_zone = settings.local_time_zone
    folder = settings.behaviour_folder
    with writing_turn(settings):
        newest = Ledger(settings.ledger_file).newest()
        build = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
        build.mkdir(parents=True, mode=0o700)
        try:
            parts = _build(RecordStore(settings.records_folder), build, time_zone, watch)
            manifest = Manifest(
                build=build.name,
                as_of=datetime.now(UTC),
                load_id=newest,
                time_zone=time_zone,
                parts=parts,
            )
            _publish(folder, manifest)
        finally:
            _clear(folder)
    subscribers = sum(part.subscribers for part in parts)
    events = sum(part.events for part in parts)
    return Analysed(subscribers, events, time.perf_counter() - started_s)


def _build(store: RecordStore, build: Path, time_zone: str, watch: Watch) -> tuple[Part, ...]:
    spill = build / "spill"
    spill.mkdir()
    engine = ibis.duckdb.connect(memory_limit=_MEMORY, temp_directory=str(spill / "engine"))
    try:
        cells = positions(store.table(engine, "cells"))
        pq.write_table(engine.to_pyarrow(cells), spill / _CELLS)
        begun = sessions_begun(store.table(engine, "sessions"), cells)
        _write_sessions(engine, begun, build / SESSIONS_FILE)
        lived = history(store.table(engine, "calls"), store.table(engine, "messages"))
        files = _divided(engine, lived, spill, watch)
        return _in_parallel(files, build, spill / _CELLS, time_zone, watch)
    finally:
        engine.disconnect()
        shutil.rmtree(spill, ignore_errors=True)


def _write_sessions(engine: Backend, begun: Table, file: Path) -> None:
    """Write data sessions in the order of their subscribers, so that few rows are read of one."""
    with pq.ParquetWriter(file, SESSIONS, compression=COMPRESSION) as writer:
        for batch in engine.to_pyarrow_batches(begun, chunk_size=_BATCH_ROWS):
            rows = pa.Table.from_batches([batch]).select(SESSIONS.names).cast(SESSIONS)
            writer.write_table(rows, row_group_size=ROW_GROUP)


def _divided(engine: Backend, lived: Table, spill: Path, watch: Watch) -> list[Path]:
    """Divide the reports by their subscriber into files, in the order of pseudonyms."""
    rows = int(engine.to_pyarrow(lived.count()).as_py())
    number = max(1, min(_MOST_PARTS, rows // _PART_ROWS))
    paths = [spill / f"{index:05d}.arrow" for index in range(number)]
    watch.begin("Dividing reports", rows)
    with ExitStack() as files:
        writers: dict[int, pa.RecordBatchFileWriter] = {}
        for batch in engine.to_pyarrow_batches(lived, chunk_size=_BATCH_ROWS):
            for index, rows_of_part in _by_part(batch, number):
                if index not in writers:
                    writer = pa.ipc.new_stream(paths[index], batch.schema)
                    writers[index] = files.enter_context(writer)
                writers[index].write_batch(rows_of_part)
            watch.advance(len(batch))
    return [paths[index] for index in sorted(writers)]


def _by_part(batch: pa.RecordBatch, number: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield each part's rows; pseudonyms are hexadecimal and as evenly spread as random."""
    prefixes = pc.utf8_slice_codeunits(batch["subscriber_id"], 0, _PREFIX).dictionary_encode()
    part_of = np.array([int(text, 16) for text in prefixes.dictionary.to_pylist()], np.int64)
    part = (part_of * number >> 4 * _PREFIX)[prefixes.indices.to_numpy()]
    order = np.argsort(part, kind="stable")
    ordered_rows = batch.take(pa.array(order))
    starts = np.searchsorted(part[order], np.arange(number + 1))
    for index in np.flatnonzero(np.diff(starts)).tolist():
        yield index, ordered_rows.slice(starts[index], starts[index + 1] - starts[index])


def _in_parallel(
    files: Sequence[Path], build: Path, cells: Path, time_zone: str, watch: Watch
) -> tuple[Part, ...]:
    watch.begin("Computing behaviour", len(files))
    write = partial(write_part, build=build, cells=cells, time_zone=time_zone)
    parts: list[Part] = []
    with ExitStack() as held:
        told: Iterator[Part] = map(write, range(len(files)), files)
        if len(files) > 1:
            # A forked process would share the locks of Arrow's and DuckDB's threads, held or not.
            pool = ProcessPoolExecutor(os.cpu_count(), get_context("forkserver"))
            told = held.enter_context(pool).map(write, range(len(files)), files)
        for part in told:
            parts.append(part)
            watch.advance(1)
    return tuple(parts)


def _publish(folder: Path, manifest: Manifest) -> None:
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_text(manifest.model_dump_json(), encoding="utf-8")
    fresh.replace(folder / MANIFEST)


def _clear(folder: Path) -> None:
    """Delete every build but the one that counts."""
    manifest = folder / MANIFEST
    kept = json.loads(manifest.read_text(encoding="utf-8"))["build"] if manifest.exists() else None
    for build in folder.iterdir():
        if build.is_dir() and build.name != kept:
            shutil.rmtree(build, ignore_errors=True)
