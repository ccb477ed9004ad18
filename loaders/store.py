"""The record store: one Delta table per kind of record, appended to and never rewritten by a load.

A record's identity is all that it says: its canonical columns and its namespace. A record that
stands twice in a file, in two files, or in two loads is stored once. Where it was first read
(file, line, load) is kept beside it, so that every number can be followed back to its line.

A load's staged files become the table's files as they are; only a file that holds a repetition is
written anew, without it.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportCallIssue=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.load import RecordCount
from loaders.emptiness import united
from loaders.engine import as_given_back, connect, count, read_files
from loaders.kinds import KINDS
from loaders.parts import Part, commit, files_between
from loaders.rejections import REJECTED

QUARANTINE = "quarantine"
_QUARANTINE_IDENTITY = ("file", "line", "reason", "row_digest")
_PROVENANCE = ("file", "line", "load_id")


@dataclass(frozen=True)
class RecordStore:
    """The Delta tables below one folder; every append is one atomic commit."""

    folder: Path

    def append(self, kind: str, staged: Sequence[Path], load_id: str) -> RecordCount:
        """Store the records of a kind that are new, and count the others.

        Parameters
        ----------
        kind : str
            A kind of record, or ``quarantine`` for rejected rows.
        staged : sequence of Path
            Parquet files with the columns of ``staged_schema``, on the store's file system; they
            are moved away.
        """
        append = _Append(self.folder / kind, kind, tuple(staged))
        counted, parts = append.resolved()
        if parts:
            commit(self.folder / kind, parts, stored_schema(kind), load_id)
        return counted

    def compare(self, kind: str, staged: Sequence[Path]) -> RecordCount:
        """Count what ``append`` would store, and store nothing."""
        return _Append(self.folder / kind, kind, tuple(staged)).resolved()[0]

    def tables(self, engine: BaseBackend) -> Mapping[str, Table]:
        """Return every kind's table, empty ones included, with the column ``load_id``."""
        return {kind: self.table(engine, kind) for kind in KINDS}

    def table(self, engine: BaseBackend, kind: str) -> Table:
        """Return one kind's table, with the column ``load_id``."""
        return read(engine, files_between(self.folder / kind), kind, f"stored_{kind}")


def load_ids(records: Mapping[str, Table]) -> frozenset[str]:
    """Return the loads that have at least one record among those of all kinds."""
    every = united([table.select("load_id") for table in records.values()])
    return frozenset(every.to_pyarrow()["load_id"].to_pylist())


def read(engine: BaseBackend, files: Sequence[str], kind: str, name: str) -> Table:
    """Return stored or staged files of a kind as one table; a column that they lack is null."""
    schema = stored_schema(kind)
    if not files:
        return as_given_back(engine, ibis.memtable(schema.empty_table()))
    table = read_files(engine, files, name)
    types = ibis.Schema.from_pyarrow(schema)
    lacking = {key: ibis.null(types[key]) for key in schema.names if key not in table.columns}
    return as_given_back(engine, table.mutate(**lacking).select(*schema.names))


def identity_columns(kind: str) -> list[str]:
    """Return the columns that make two records of a kind the same record."""
    if kind == QUARANTINE:
        return list(_QUARANTINE_IDENTITY)
    return [name for name in KINDS[kind].schema().names if name not in _PROVENANCE]


def time_column(kind: str) -> str | None:
    """Return the column that says when, where every row of a kind has one."""
    return None if kind == QUARANTINE else KINDS[kind].time


def staged_schema(kind: str) -> pa.Schema:
    """Return the schema of a kind's files: what it has, and the load that it came with."""
    schema = REJECTED if kind == QUARANTINE else KINDS[kind].schema()
    return schema.append(pa.field("load_id", pa.string(), nullable=False))


def stored_schema(kind: str) -> pa.Schema:
    """Return the schema of a kind's table in the store, where everything may be null."""
    return pa.schema([field.with_nullable(True) for field in staged_schema(kind)])


@dataclass(frozen=True)
class _Append:
    """One append: which of the staged rows are new, and which files they are in.

    Rows are compared by a mark, a hash of their identity. Those whose mark is met twice are
    suspects and compared column by column; as a rule there are few.
    """

    folder: Path
    kind: str
    staged: tuple[Path, ...]

    def resolved(self) -> tuple[RecordCount, list[Part]]:
        """Return what becomes of the rows, and files with those that are new."""
        made = sum(part.rows for part in self._parts)
        parts, repeated, duplicated = self._parts, 0, 0
        if count(self._suspects):
            parts, repeated, duplicated = self._without_repetitions()
        loaded = sum(part.rows for part in parts)
        counted = RecordCount(
            kind=self.kind,
            made=made,
            loaded=loaded,
            duplicate=repeated,
            known=made - repeated - loaded,
            duplicated=duplicated,
        )
        return counted, [part for part in parts if part.rows]

    @cached_property
    def _engine(self) -> Backend:
        return connect(self.staged[0].parent / "spill")

    @cached_property
    def _parts(self) -> list[Part]:
        return [Part.of(path, self._time) for path in self.staged]

    @cached_property
    def _time(self) -> str | None:
        return time_column(self.kind)

    @cached_property
    def _rows(self) -> Table:
        return self._marked([str(path) for path in self.staged], "staged")

    @cached_property
    def _known(self) -> Table:
        """The stored rows that may be the same as some of the staged ones."""
        first = min((part.first_at for part in self._parts if part.first_at), default=None)
        last = max((part.last_at for part in self._parts if part.last_at), default=None)
        return self._marked(files_between(self.folder, self._time, first, last), "known")

    def _marked(self, files: Sequence[str], name: str) -> Table:
        rows = read(self._engine, files, self.kind, name)
        mark = ibis.struct({key: rows[key] for key in identity_columns(self.kind)}).hash()
        return rows.mutate(mark=mark)

    @cached_property
    def _suspects(self) -> Table:
        """The marks that stand twice, among the staged rows or among these and the stored."""
        marks = self._engine.create_table("marks", self._rows.select("mark"))
        times = marks.group_by("mark").agg(times=marks.count())
        repeated = times.filter(times.times > 1).select("mark")
        met = marks.semi_join(self._known, "mark")
        return self._engine.create_table("suspects", united([repeated, met]))

    def _without_repetitions(self) -> tuple[list[Part], int, int]:
        """Return files with what is new, and how many rows repeat how many others of the load."""
        engine, identity = self._engine, identity_columns(self.kind)
        suspected = engine.create_table("suspected", self._rows.semi_join(self._suspects, "mark"))
        rest = [name for name in suspected.columns if name not in (*identity, "mark")]
        first = ibis.struct({name: suspected[name] for name in rest}).min()
        grouped = suspected.group_by([*identity, "mark"]).agg(first=first, times=suspected.count())
        distinct = engine.create_table("distinct_rows", grouped.unpack("first"))
        same = [distinct[name].identical_to(self._known[name]) for name in (*identity, "mark")]
        new = distinct.anti_join(self._known, same)
        clean, dirty = self._clean_and_dirty()
        path = self.staged[0].parent / f"{self.kind}-anew.parquet"
        columns = stored_schema(self.kind).names
        unsuspected = [
            self._marked([str(part.path)], f"part_{number}").anti_join(self._suspects, "mark")
            for number, part in enumerate(dirty)
        ]
        anew = ibis.union(*[rows.select(*columns) for rows in (*unsuspected, new)])
        engine.to_parquet(anew, path, compression="zstd")
        repeated = count(suspected) - count(distinct)
        duplicated = count(distinct.filter(distinct.times != 1))
        return [*clean, Part.of(path, self._time)], repeated, duplicated

    def _clean_and_dirty(self) -> tuple[list[Part], list[Part]]:
        """Return the files without a suspect, and those with."""
        clean: list[Part] = []
        dirty: list[Part] = []
        for number, part in enumerate(self._parts):
            rows = self._marked([str(part.path)], f"looked_through_{number}")
            has_suspect = count(rows.semi_join(self._suspects, "mark").limit(1)) > 0
            (dirty if has_suspect else clean).append(part)
        return clean, dirty
