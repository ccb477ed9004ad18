"""Files to canonical records in a folder, before anything of them is stored.

Every file is read to its end first, so that a file that turns out to be truncated leaves nothing
half-loaded. A row either yields its records or is rejected as a whole, with the reason: rows read
are rows accepted plus rows rejected, always.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import SourceError
from graph.identity import IdentityKey
from graph.ledger import FileCount, RejectionCount
from graph.suppression import NOBODY, Suppression
from loaders.columns import Converter
from loaders.contents import Content
from loaders.files import Found, SourceFile
from loaders.kinds import KINDS
from loaders.mapping import Source
from loaders.rejections import Rejection, sealed
from loaders.store import QUARANTINE, staged_schema
from loaders.streams import Watch
from loaders.tables import Canonical, TableReader
from loaders.tabular import opened_content

_FILE_ROWS = 1_000_000
_PSEUDONYMS = {
    column.name
    for kind in KINDS.values()
    for column in kind.columns
    if column.type in ("identity", "pseudonym")
}
_THREADS = 2  # Arrow works outside Python's lock, so a second block can be read meanwhile


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
    converter = Converter(source, key)
    counts: list[FileCount] = []
    rejections: Counter[tuple[str, str | None, str]] = Counter()
    with _Output(folder, key, load_id) as output, ThreadPoolExecutor(_THREADS) as pool:
        for file in found.files:
            reader = TableReader(converter, source.tables[file.table], file, suppression)
            count, reasons = _read_file(file, reader, output, pool, watch)
            counts.append(count)
            rejections.update(reasons)
    return Staged(
        output.records,
        output.paths[QUARANTINE],
        tuple(counts),
        tuple(
            RejectionCount(file=file, field=name, reason=reason, rows=rows)
            for (file, name, reason), rows in sorted(
                rejections.items(), key=lambda item: (item[0][0], -item[1], item[0][2])
            )
        ),
    )


def _read_file(
    file: SourceFile,
    reader: TableReader,
    output: "_Output",
    pool: ThreadPoolExecutor,
    watch: Watch,
) -> tuple[FileCount, Counter[tuple[str, str | None, str]]]:
    read = accepted = suppressed = 0
    reasons: Counter[tuple[str, str | None, str]] = Counter()
    first: Rejection | None = None
    with opened_content(file.path, file.shown, reader.table, watch) as content:
        for canonical in _canonical(content, reader, pool):
            output.write(canonical, file.label)
            accepted += canonical.rows_accepted
            suppressed += canonical.rows_suppressed
            read += canonical.rows_read
            for rejection in canonical.rejections:
                first = first or rejection
                reasons[file.label, rejection.field, rejection.reason] += 1
        digest = content.digest()
    if first is not None and not accepted and not suppressed:
        raise SourceError(
            f"{file.shown}: every one of its {read} rows was rejected; "
            f"line {first.line}: {first.sentence}"
        )
    count = FileCount(
        file=file.label,
        table=file.table,
        sha256=digest.sha256,
        size_bytes=digest.size_bytes,
        rows_read=read,
        rows_rejected=read - accepted - suppressed,
        rows_suppressed=suppressed,
    )
    return count, reasons


def _canonical(
    content: Content, reader: TableReader, pool: ThreadPoolExecutor
) -> Iterator[Canonical]:
    """Turn the blocks of a file into canonical records, in order, some blocks at once."""
    waiting: list[Future[Canonical]] = []
    for block in content.blocks(reader.table.columns):
        waiting.append(pool.submit(reader.read, block))
        if len(waiting) > _THREADS:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


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
        # A dictionary of pseudonyms is as long as the column: it would only take time.
        repeating: Any = [name for name in schema.names if name not in _PSEUDONYMS]
        writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=repeating
        )
        return self.enter_context(writer)
