"""Files for tests: a copenhagen calls table from bytes, staged and read back."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from graph.identity import IdentityKey
from loaders.files import find_files
from loaders.mapping import Source, read_source
from loaders.staging import Staged, stage

KEY = IdentityKey(bytes(range(32)))
HEADER = b"timestamp,caller,callee,duration\n"
NESTED = Source.model_validate(
    {
        "name": "nested",
        "title": "t",
        "licence": "l",
        "tables": {
            "seen": {
                "records": [
                    {
                        "kind": "locations",
                        "columns": {
                            "subscriber_id": {"column": "who"},
                            "seen_at": {"column": "at", "format": "iso", "time_zone": "UTC"},
                            "cell_id": {"column": "cell.id"},
                            "event": {"column": "event", "optional": True},
                        },
                    }
                ]
            }
        },
    }
)


@dataclass(frozen=True)
class Read:
    """What was staged, with its rows as Python values."""

    staged: Staged
    records: dict[str, list[dict[str, object]]]
    rejected: list[dict[str, object]]

    @property
    def faults(self) -> list[tuple[object, object, object]]:
        """Line, field and reason of each rejected row."""
        return [(row["line"], row["field"], row["reason"]) for row in self.rejected]

    @property
    def lines(self) -> list[object]:
        """The physical lines that calls come from."""
        return [row["line"] for row in self.records.get("calls", [])]


def read(source: Source | str, paths: list[Path], folder: Path, table: str | None = None) -> Read:
    """Find and stage files and read the result back."""
    source = read_source(source) if isinstance(source, str) else source
    found = find_files(source, paths, KEY, table)
    staged = stage(found, source, KEY, folder / "staged", lambda _: None)
    records = {
        kind: [row for path in files for row in _rows(path)]
        for kind, files in staged.records.items()
    }
    rejected = [row for path in staged.rejected for row in _rows(path)]
    return Read(staged, records, rejected)


def _rows(path: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(path).drop(["load_id"]).to_pylist()
    return rows


def read_calls(content: bytes, folder: Path, name: str = "calls.csv") -> Read:
    """Stage one file of calls in the layout of the Copenhagen study."""
    path = folder / name
    path.write_bytes(content)
    return read("copenhagen", [path], folder)
