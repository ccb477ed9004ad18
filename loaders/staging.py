"""Files to canonical records in a folder, before anything of them is stored.

Every file is read to its end first, so that a file that turns out to be truncated leaves nothing
half-loaded. A row either yields its records or is rejected as a whole, with the reason: rows read
are rows accepted plus rows rejected, always.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import SourceError
from graph.identity import IdentityKey
from graph.ledger import FileCount, RejectionCount
from loaders.columns import Converter
from loaders.contents import Content
from loaders.files import Found, SourceFile
from loaders.kinds import KINDS
from loaders.mapping import Source
from loaders.rejections import REJECTED, Rejection, sealed
from loaders.streams import Watch
from loaders.tables import Canonical, TableReader
from loaders.tabular import opened_content

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


def stage(found: Found, source: Source, key: IdentityKey, folder: Path, watch: Watch) -> Staged:
    """Read files into Parquet files of canonical records and of rejected rows.

    Parameters
    ----------
    folder
        Where to put them; it is made if need be, and readable by its owner only. After an error it
        holds remains that the caller deletes.
    watch
        Is told the bytes read, as they lie on disk; they sum to ``found.size_bytes``.

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
    with _Output(folder, key) as output, ThreadPoolExecutor(_THREADS) as pool:
        for file in found.files:
            count, reasons = _read_file(file, converter, output, pool, watch)
            counts.append(count)
            rejections.update(reasons)
    return Staged(
        output.records,
        output.rejected,
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
    converter: Converter,
    output: "_Output",
    pool: ThreadPoolExecutor,
    watch: Watch,
) -> tuple[FileCount, Counter[tuple[str, str | None, str]]]:
    read = accepted = 0
    reasons: Counter[tuple[str, str | None, str]] = Counter()
    first: Rejection | None = None
    table = converter.source.tables[file.table]
    with opened_content(file.path, file.shown, table, watch) as content:
        for canonical in _canonical(content, TableReader(converter, table, file), pool):
            output.write(canonical, file.label)
            accepted += canonical.rows_accepted
            read += canonical.rows_accepted + len(canonical.rejections)
            for rejection in canonical.rejections:
                first = first or rejection
                reasons[file.label, rejection.field, rejection.reason] += 1
        digest = content.digest()
    if first is not None and not accepted:
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
        rows_rejected=read - accepted,
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
    """The Parquet files of a load, each opened with its first rows."""

    def __init__(self, folder: Path, key: IdentityKey) -> None:
        super().__init__()
        self._folder = folder
        self._key = key
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.records: dict[str, list[Path]] = {}
        self.rejected: list[Path] = []

    def write(self, canonical: Canonical, file: str) -> None:
        """Write the records and the rejections of one block of a file."""
        for kind, batch in canonical.batches:
            schema = KINDS[kind].schema()
            self._writer(kind, schema, self.records.setdefault(kind, [])).write_batch(
                batch.cast(schema)
            )
        if canonical.rejections:
            batch = sealed(canonical.rejections, file, self._key)
            self._writer("rejected", REJECTED, self.rejected).write_batch(batch)

    def _writer(self, name: str, schema: pa.Schema, paths: list[Path]) -> pq.ParquetWriter:
        if name not in self._writers:
            path = self._folder / f"{name}.parquet"
            paths.append(path)
            self._writers[name] = self.enter_context(
                pq.ParquetWriter(path, schema, compression="lz4")
            )
        return self._writers[name]
