"""Files to canonical records in a folder, before anything of them is stored.

Every file is read to its end first, so that a file that turns out to be truncated leaves nothing
half-loaded. A row either yields its records or is rejected as a whole, with the reason: rows read
are rows accepted plus rows rejected, always.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import SourceError
from graph.identity import IdentityKey
from graph.load import FileCount, RejectionCount
from graph.suppression import NOBODY, Suppression
from loaders.files import Found, SourceFile
from loaders.kinds import KINDS
from loaders.mapping import Source
from loaders.rejections import Rejection, sealed
from loaders.store import QUARANTINE, staged_schema
from loaders.streams import Digest, Watch
from loaders.tables import Canonical
from loaders.tabular import opened_content
from loaders.workers import read, workers

_FILE_ROWS = 1_000_000
_PSEUDONYMS = {
    column.name
    for kind in KINDS.values()
    for column in kind.columns
    if column.type in ("identity", "pseudonym")
}
_Reason = tuple[str, str | None, str]  # file, field, reason
_WAITING = 4  # blocks that are taken apart, or wait for it, at once


@dataclass(frozen=True)
class Staged:
    """Records that wait in a folder to be stored.

    Attributes
    ----------
    records : Mapping[str, list[Path]]
        Parquet files by kind of record.
    rejected : list[Path]
        Parquet files of rejected rows, each sealed.
    """

    records: Mapping[str, list[Path]]
    rejected: list[Path]
    files: tuple[FileCount, ...]
    rejections: tuple[RejectionCount, ...]


def stage(
    found: Found,
    source: Source,
    key: IdentityKey,
    folder: Path,
    watch: Watch,
    load_id: str = "",
    suppression: Suppression = NOBODY,
) -> Staged:
    """Read files into Parquet files of canonical records and of rejected rows.

    Parameters
    ----------
    folder
        Where to put them; it is made if need be, and readable by its owner only. After an error it
        holds remains that the caller deletes.
    watch
        Is told the bytes read, as they lie on disk; they sum to ``found.size_bytes``.
    load_id
        The load that every row is stamped with.
    suppression
        Whose rows are left out and only counted.

    Raises
    ------
    SourceError
        A file cannot be read to its end, or every one of its rows was rejected.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    tallies: list[_Tally] = []
    pool = workers(source, key, suppression, found.size_bytes)
    with _Output(folder, key, load_id) as output, pool:
        for tally, canonical in _canonical(found, source, pool, watch, tallies):
            output.write(canonical, tally.file.label)
            tally.add(canonical)
    counts = tuple(tally.count() for tally in tallies)
    reasons = sum((tally.reasons for tally in tallies), Counter[_Reason]())
    return Staged(output.records, output.paths[QUARANTINE], counts, _most_first(reasons))


class _Tally:
    """What became of the rows of one file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.digest = Digest(0, "")
        self.reasons: Counter[_Reason] = Counter()
        self._first: Rejection | None = None
        self._read = self._accepted = self._suppressed = 0

    def add(self, canonical: Canonical) -> None:
        """Count the rows of a block."""
        self._read += canonical.rows_read
        self._accepted += canonical.rows_accepted
        self._suppressed += canonical.rows_suppressed
        for rejection in canonical.rejections:
            self._first = self._first or rejection
            self.reasons[self.file.label, rejection.field, rejection.reason] += 1

    def count(self) -> FileCount:
        """Return what the ledger is told, once the file was read to its end."""
        if self._first is not None and not self._accepted and not self._suppressed:
            raise SourceError(
                f"{self.file.shown}: every one of its {self._read} rows was rejected; "
                f"line {self._first.line}: {self._first.sentence}"
            )
        return FileCount(
            file=self.file.label,
            table=self.file.table,
            sha256=self.digest.sha256,
            size_bytes=self.digest.size_bytes,
            rows_read=self._read,
            rows_rejected=self._read - self._accepted - self._suppressed,
            rows_suppressed=self._suppressed,
        )


def _canonical(
    found: Found, source: Source, pool: Executor, watch: Watch, tallies: list[_Tally]
) -> Iterator[tuple[_Tally, Canonical]]:
    """Turn files into canonical records, in order, some blocks of one or several files at once."""
    waiting: deque[tuple[_Tally, Future[Canonical]]] = deque()
    for file in found.files:
        tally, table = _Tally(file), source.tables[file.table]
        tallies.append(tally)
        with opened_content(file.path, file.shown, table, watch) as content:
            for block in content.blocks(table.columns):
                waiting.append((tally, pool.submit(read, file, block)))
                if len(waiting) == _WAITING:
                    yield _done(*waiting.popleft())
            tally.digest = content.digest()
    while waiting:
        yield _done(*waiting.popleft())


def _done(tally: _Tally, future: Future[Canonical]) -> tuple[_Tally, Canonical]:
    return tally, future.result()


def _most_first(reasons: Counter[_Reason]) -> tuple[RejectionCount, ...]:
    return tuple(
        RejectionCount(file=file, field=name, reason=reason, rows=rows)
        for (file, name, reason), rows in sorted(
            reasons.items(), key=lambda item: (item[0][0], -item[1], item[0][2])
        )
    )


class _Output(ExitStack):
    """The Parquet files of a load, each begun with its first rows and ended at a million."""

    def __init__(self, folder: Path, key: IdentityKey, load_id: str) -> None:
        super().__init__()
        self._folder = folder
        self._key = key
        self._load_id = load_id
        self._open: dict[str, tuple[pq.ParquetWriter, int]] = {}
        self.paths: defaultdict[str, list[Path]] = defaultdict(list)

    @property
    def records(self) -> dict[str, list[Path]]:
        """Files of records by their kind."""
        return {kind: paths for kind, paths in self.paths.items() if kind != QUARANTINE}

    def write(self, canonical: Canonical, file: str) -> None:
        """Write the records and the rejections of one block of a file."""
        for kind, batch in canonical.batches:
            self._write(kind, batch)
        if canonical.rejections:
            self._write(QUARANTINE, sealed(canonical.rejections, file, self._key))

    def _write(self, kind: str, batch: pa.RecordBatch) -> None:
        schema = staged_schema(kind)
        stamped = batch.append_column("load_id", pa.repeat(self._load_id, batch.num_rows))
        begun = self._open.pop(kind) if kind in self._open else (self._begun(kind, schema), 0)
        writer, rows = begun
        writer.write_batch(stamped.cast(schema))
        if rows + batch.num_rows < _FILE_ROWS:
            self._open[kind] = writer, rows + batch.num_rows
        else:
            writer.close()

    def _begun(self, kind: str, schema: pa.Schema) -> pq.ParquetWriter:
        path = self._folder / f"{kind}-{len(self.paths[kind])}.parquet"
        self.paths[kind].append(path)
        encodings = {field.name: encoding for field in schema if (encoding := _encoding(field))}
        repeating: Any = [name for name in schema.names if name not in encodings]
        writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=repeating,
            column_encoding=encodings,
        )
        return self.enter_context(writer)


def _encoding(field: pa.Field) -> str | None:
    """Return how Parquet is to tell values of which most differ; None: by a dictionary."""
    if field.name in _PSEUDONYMS:
        return "DELTA_LENGTH_BYTE_ARRAY"
    is_whole = pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type)
    return "DELTA_BINARY_PACKED" if is_whole else None
