"""Real and made-up files in a record store, without a graph."""

from collections.abc import Sequence
from pathlib import Path

from graph.settings import Settings
from loaders.files import find_files
from loaders.mapping import read_source
from loaders.staging import stage
from loaders.store import RecordStore
from tests.loaders.tables_of import KEY


def store_files(settings: Settings, source: str, paths: Sequence[Path], load_id: str) -> None:
    """Store the records of files as a load does."""
    mapping = read_source(source)
    found = find_files(mapping, list(paths), KEY)
    folder = settings.home_dir / "staged" / load_id
    staged = stage(found, mapping, KEY, folder, lambda _: None, load_id)
    for kind, files in staged.records.items():
        RecordStore(settings.records_folder).append(kind, files, load_id)
