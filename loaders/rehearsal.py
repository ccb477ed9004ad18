"""A load that changes nothing: every file is read and checked, and the result thrown away."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.identity import KEY_BYTES, IdentityKey
from graph.load import LoadReport
from graph.settings import Settings
from graph.suppression import Suppression
from loaders.files import find_files
from loaders.mapping import read_source
from loaders.progress import Watch
from loaders.staging import stage
from loaders.store import RecordStore

_LOAD_ID = "rehearsal"


@dataclass(frozen=True)
class Rehearsed:
    """What a load would do, and which files of a folder it would leave alone."""

    report: LoadReport
    skipped: tuple[str, ...]


def rehearse(
    source_name: str,
    paths: Sequence[str],
    settings: Settings,
    watch: Watch,
    table: str | None = None,
) -> Rehearsed:
    """Say what ``load`` would do with the same files, as things are now.

    The record store is compared with, the graph and the ledger are not asked. What is read waits in
    the system's folder for temporary files meanwhile, under pseudonyms.

    Raises
    ------
    SourceError
        A file or the mapping cannot be read.
    """
    source, key = read_source(source_name), _key(settings)
    suppression = Suppression.of(settings, key)
    found = find_files(source, paths, key, table, suppression)
    with tempfile.TemporaryDirectory(prefix="tiegraph-") as name:
        folder = Path(name)
        watch.begin("Reading bytes", found.size_bytes)
        told = watch.advance
        staged = stage(found, source, key, folder / "staged", told, _LOAD_ID, suppression)
        watch.begin("Comparing records", len(staged.records))
        store, counts = RecordStore(settings.records_folder), []
        for kind, files in sorted(staged.records.items()):
            counts.append(store.compare(kind, files))
            watch.advance(1)
    report = LoadReport(files=staged.files, records=tuple(counts), rejections=staged.rejections)
    return Rehearsed(report, found.skipped)


def _key(settings: Settings) -> IdentityKey:
    """Return the identity key, or one for this once where none was made yet."""
    has_one = settings.identity_key_file or (settings.keys_folder / "identity.key").is_file()
    return IdentityKey.of(settings) if has_one else IdentityKey(os.urandom(KEY_BYTES))
