"""The record store: one Delta table per kind of record, appended to and never rewritten by a load.

A record's identity is all that it says: its canonical columns and its namespace. A record that
stands twice in a file, in two files, or in two loads is stored once. Where it was first read
(file, line, load) is kept beside it, so that every number can be followed back to its line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.ledger import RecordCount
from loaders.kinds import KINDS

PROVENANCE = ("file", "line")
_QUARANTINE_IDENTITY = ("file", "line", "reason", "row_digest")
_QUARANTINE_REST = ("field", "row_sealed", "subjects")


@dataclass(frozen=True)
class RecordStore:
    """The Delta tables below one folder; every append is one atomic commit."""

    folder: Path

    def append(self, kind: str, staged: Sequence[Path], load_id: str) -> RecordCount:
        """Store the records of a kind that are new, and count the others.

        Parameters
        ----------
        staged : sequence of Path
            Parquet files with the kind's columns, namespace, file and line.
        """
        identity = identity_columns(kind)
        return self._append(kind, staged, load_id, identity, PROVENANCE)

    def quarantine(self, staged: Sequence[Path], load_id: str) -> RecordCount:
        """Store rejected rows that are not in quarantine yet."""
        return self._append("quarantine", staged, load_id, _QUARANTINE_IDENTITY, _QUARANTINE_REST)

    def tables(self, engine: Backend) -> Mapping[str, Table]:
        """Return every kind's table, empty ones included, with the column ``load_id``."""
        return {kind: self.table(engine, kind) for kind in KINDS}

    def table(self, engine: Backend, kind: str) -> Table:
        """Return one kind's table, with the column ``load_id``."""
        files = self._files(kind)
        if not files:
            return ibis.memtable(stored_schema(kind).empty_table())
        return engine.read_parquet(files, table_name=f"stored_{kind}", union_by_name=True)

    def load_ids(self, engine: Backend) -> frozenset[str]:
        """Return the loads that have at least one record in the store."""
        ids: set[str] = set()
        for table in self.tables(engine).values():
            ids.update(table.select("load_id").distinct().to_pyarrow()["load_id"].to_pylist())
        return frozenset(ids)

    def _append(
        self,
        kind: str,
        staged: Sequence[Path],
        load_id: str,
        identity: Sequence[str],
        rest: Sequence[str],
    ) -> RecordCount:
        engine = connect()
        rows = engine.read_parquet([str(path) for path in staged], table_name="staged")
        made = int(rows.count().to_pyarrow().as_py())
        distinct = engine.create_table(
            "distinct_rows",
            rows.group_by(list(identity)).agg(**{name: rows[name].arbitrary() for name in rest}),
        )
        new = self._unknown(engine, kind, distinct, identity)
        loaded = int(new.count().to_pyarrow().as_py())
        if loaded:
            stamped = new.mutate(load_id=ibis.literal(load_id))
            write_deltalake(self.folder / kind, stamped.to_pyarrow_batches(), mode="append")
        repeated = made - int(distinct.count().to_pyarrow().as_py())
        known = made - repeated - loaded
        return RecordCount(kind=kind, made=made, loaded=loaded, duplicate=repeated, known=known)

    def _unknown(self, engine: Backend, kind: str, rows: Table, identity: Sequence[str]) -> Table:
        files = self._files(kind)
        if not files:
            return rows
        stored = engine.read_parquet(files, table_name="stored", union_by_name=True)
        return rows.anti_join(stored, [rows[name].identical_to(stored[name]) for name in identity])

    def _files(self, kind: str) -> list[str]:
        path = self.folder / kind
        if not DeltaTable.is_deltatable(str(path)):
            return []
        # Not file_uris(): in those, a folder's name with a space is escaped as in a web address.
        names = pa.table(DeltaTable(path).get_add_actions())["path"].to_pylist()
        return [str(path / name) for name in names]


def connect() -> Backend:
    """Return a DuckDB engine of its own, in memory, whose clock is UTC."""
    return ibis.duckdb.connect()


def identity_columns(kind: str) -> list[str]:
    """Return the columns that make two records of a kind the same record."""
    return [name for name in KINDS[kind].schema().names if name not in PROVENANCE]


def stored_schema(kind: str) -> pa.Schema:
    """Return the schema of a kind's table in the store, as Parquet files give it back."""
    fields = [field.with_nullable(True) for field in KINDS[kind].schema()]
    return pa.schema([*fields, pa.field("load_id", pa.string())])
