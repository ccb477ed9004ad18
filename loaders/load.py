"""One load, from files to graph.

::

    files ─ stage ─▶ staged Parquet ─ append ─▶ record store ─ changes, write ─▶ graph
           nothing is stored before        one atomic commit     whole rows, so that
           every file was read             per kind of record    a repetition is harmless

A load that is killed leaves its staged files, which the next load deletes; the records that it
stored; and a graph that may have some of them. The ledger knows which loads a graph has in full,
so the next load, of whatever files, first of all completes what is missing.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from graph.database.session import Endpoint
from graph.disk import START_BYTES, require_room, told_when_full
from graph.errors import LedgerError, TiegraphError
from graph.identity import IdentityKey
from graph.lab import refuse_real
from graph.ledger import Ledger
from graph.load import LoadReport
from graph.memory import settled_memory
from graph.settings import Settings
from graph.suppression import Suppression
from loaders.apply import apply
from loaders.engine import connect
from loaders.files import Found, find_files
from loaders.mapping import Source, read_source
from loaders.progress import Watch
from loaders.quality import measure
from loaders.staging import stage
from loaders.store import QUARANTINE, RecordStore
from loaders.turn import staging_folder, writing_turn


@dataclass(frozen=True)
class Loaded:
    """What a load did, and which files of a folder it left alone."""

    load_id: str
    report: LoadReport
    skipped: tuple[str, ...]


def load(
    source_name: str,
    paths: Sequence[str],
    settings: Settings,
    locate: Callable[[], Endpoint],
    watch: Watch,
    table: str | None = None,
) -> Loaded:
    """Load files of a source into the record store and the graph.

    Parameters
    ----------
    source_name : str
        A bundled source, or the path of a mapping file.
    paths : sequence of str
        Files, folders or globs.
    locate : callable
        Returns where the database answers.
    table : str, optional
        The source's table that the files are, where neither name nor header tells.

    Raises
    ------
    BadInput
        The home folder is a lab, and the source is not the generator's.
    SourceError
        A file or the mapping cannot be read; nothing is stored.
    IdentityKeyError
        The store or the graph was made with another key; nothing is stored.
    LocalTimeError
        The graph was computed in another time zone; the records are stored.
    DiskFull
        Whatever was stored stays; the next load completes it.
    DatabaseUnavailable
        The records are stored, the graph is not up to date; the next load completes it.
    """
    refuse_real(settings, source_name)
    source = read_source(source_name)
    with writing_turn(settings), settled_memory():
        require_room(settings.home_dir, START_BYTES)
        ledger, key = Ledger(settings.ledger_file), IdentityKey.of(settings)
        ledger.bind(key)
        load_id = ledger.begin(source.name)
        try:
            with told_when_full(settings.home_dir):
                suppression = Suppression.of(settings, key)
                found = find_files(source, paths, key, table, suppression)
                report = _store(source, found, suppression, ledger, load_id, settings, watch)
                ledger.reported(load_id, report)
                asyncio.run(apply(settings, ledger, locate, watch))
        except Exception as error:
            with suppress(LedgerError):  # what went wrong first is what counts
                code = error.code if isinstance(error, TiegraphError) else "INTERNAL"
                ledger.failed(load_id, code)
            raise
        return Loaded(load_id, report, found.skipped)


def _store(
    source: Source,
    found: Found,
    suppression: Suppression,
    ledger: Ledger,
    load_id: str,
    settings: Settings,
    watch: Watch,
) -> LoadReport:
    """Read every file, then append what is new to the record store."""
    store = RecordStore(settings.records_folder)
    with staging_folder(settings) as folder:
        watch.begin("Reading bytes", found.size_bytes)
        key = IdentityKey.of(settings)
        staged = stage(found, source, key, folder, watch.advance, load_id, suppression)
        ledger.staged(load_id, LoadReport(files=staged.files))
        require_room(settings.home_dir, START_BYTES)
        watch.begin("Storing records", len(staged.records))
        counts = []
        for kind, files in sorted(staged.records.items()):
            counts.append(store.append(kind, files, load_id))
            watch.advance(1)
        if staged.rejected:
            store.append(QUARANTINE, staged.rejected, load_id)
        watch.begin("Checking quality", 1)
        quality = measure(connect(folder / "spill"), store, load_id, source, staged, counts)
        watch.advance(1)
    return LoadReport(
        files=staged.files,
        records=tuple(counts),
        rejections=staged.rejections,
        quality=quality,
    )
