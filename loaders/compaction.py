"""Few large files instead of the many small ones that daily loads leave."""

from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from graph.settings import Settings
from loaders.engine import connect
from loaders.kinds import KINDS
from loaders.parts import Part, files_between, replace
from loaders.store import QUARANTINE, read, time_column
from loaders.turn import writing_turn

_LARGE_BYTES = 256 << 20


@dataclass(frozen=True)
class Compacted:
    """How many files a table had, and has now."""

    kind: str
    files_before: int
    files_after: int


def compact(settings: Settings) -> list[Compacted]:
    """Write every table's small files, sorted by time, as one; loads wait meanwhile.

    Whoever reads the former files goes on: they are deleted by a compaction a week later.
    """
    with writing_turn(settings):
        folder = settings.records_folder
        spill = settings.home_dir / "staging" / "spill"
        return [
            compact_table(folder / kind, kind, spill)
            for kind in (*KINDS, QUARANTINE)
            if DeltaTable.is_deltatable(str(folder / kind))
        ]


def compact_table(folder: Path, kind: str, spill: Path | None = None) -> Compacted:
    """Write one table's small files as one, all at once for whoever opens the table."""
    files = files_between(folder)
    small = [file for file in files if Path(file).stat().st_size < _LARGE_BYTES]
    if len(small) > 1:
        time = time_column(kind)
        engine = connect(spill)
        rows = read(engine, small, kind, "small")
        path = folder / "compacted.parquet"
        engine.to_parquet(rows.order_by(time) if time else rows, path, compression="zstd")
        replace(folder, [Path(file).name for file in small], [Part.of(path, time)])
    DeltaTable(folder).vacuum(dry_run=False)
    return Compacted(kind, len(files), len(files_between(folder)))
