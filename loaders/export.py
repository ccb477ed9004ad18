"""All rows of the graph as Parquet: for Neo4j's importer, its Spark connector, or anybody else.

One folder a label and one a relationship between two labels, because that is what both take. Beside
each lies the importer's header, and above them one list of what is in which (``tables.json``).
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table, Value

from graph.audit import AuditLog
from graph.database.importer import ImportFile, ImportFiles
from graph.disk import told_when_full
from graph.errors import AuditError, BadInput
from graph.settings import Settings
from loaders.changes import changes
from loaders.engine import working, write_parquet
from loaders.progress import Watch
from loaders.shapes import KEYS, SHAPES, End, Node, Shape
from loaders.store import RecordStore, load_ids
from loaders.turn import staging_folder, writing_turn

TABLES = "tables.json"
ARGUMENTS = "import.arguments"
_UTC = "timestamp('UTC')"


@dataclass(frozen=True)
class GraphTable:
    """The rows of one shape.

    Attributes
    ----------
    shape : Shape
        What every row is.
    rows : Table
        The columns of its ends, then those of its properties; none of its ends is null.
    """

    shape: Shape
    rows: Table

    @property
    def folder(self) -> str:
        """Name of the folder with its Parquet files; the header's is the same with ``.csv``."""
        shape = self.shape
        if isinstance(shape, Node):
            return f"nodes/{shape.label}"
        return f"relationships/{shape.start.label}-{shape.type}-{shape.end.label}"

    @property
    def file(self) -> ImportFile:
        """What the importer is told of it."""
        name = self.shape.label if isinstance(self.shape, Node) else self.shape.type
        return ImportFile(name, f"{self.folder}.csv", rf"{self.folder}/.*\.parquet")

    @property
    def header(self) -> str:
        """What each column is, in the importer's notation, and in a second line its name."""
        properties = (f"{name}:{self._type(name)}" for name in self.shape.properties)
        return f"{','.join([*self._ends(), *properties])}\n{','.join(self.rows.columns)}\n"

    @property
    def connector_options(self) -> dict[str, str]:
        """What Neo4j's Spark connector is told of it."""
        shape = self.shape
        if isinstance(shape, Node):
            return {"labels": f":{shape.label}", "node.keys": shape.key}
        options = {
            "relationship": shape.type,
            "relationship.save.strategy": "keys",
            "relationship.properties": ",".join(shape.properties),
            **_matched("source", shape.start),
            **_matched("target", shape.end),
        }
        return {name: value for name, value in options.items() if value}

    @property
    def described(self) -> dict[str, Any]:
        """Its line of ``tables.json``."""
        return {"folder": self.folder, "connector": self.connector_options}

    def write(self, engine: BaseBackend, folder: Path) -> None:
        """Write header and rows."""
        (folder / self.folder).parent.mkdir(exist_ok=True)
        (folder / self.file.header).write_text(self.header)
        write_parquet(engine, self.rows, folder / self.folder)

    def _ends(self) -> tuple[str, ...]:
        shape = self.shape
        if isinstance(shape, Node):
            return (f"{shape.key}:ID({shape.label})",)
        return (f":START_ID({shape.start.label})", f":END_ID({shape.end.label})")

    def _type(self, name: str) -> str:
        kind = self.rows.schema()[name]
        words = {
            kind.is_timestamp(): "datetime",
            kind.is_boolean(): "boolean",
            kind.is_integer(): "long",
            kind.is_floating(): "double",
            kind.is_date(): "date",
        }
        return words.get(True, "string")


def export_tables(folder: Path, settings: Settings, watch: Watch) -> ImportFiles:
    """Write all that the record store says of the graph below a folder; no database is asked.

    Loads wait meanwhile. The audit log then tells whose data left.

    Parameters
    ----------
    folder : Path
        A new or empty one; with Spark, one that all executors share.

    Raises
    ------
    AuditError
        It cannot be written down; nothing is left in the folder.
    BadInput
        The folder is not empty, or there are no records.
    DiskFull
        There is no room.
    RuntimeFault
        Spark is not installed, or does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(f"{folder}: is not empty; name a new folder")
    with (
        writing_turn(settings),
        told_when_full(folder),
        staging_folder(settings) as spill,
        working(settings, spill) as engine,
    ):
        records = RecordStore(settings.records_folder).tables(engine)
        loads = load_ids(records)
        if not loads:
            raise BadInput("there are no records to export; load some first")
        watch.begin("Computing the graph", 1)
        zone = settings.local_time_zone
        found = changes(engine, records, loads, is_whole=True, local_zone=zone)
        watch.advance(1)
        files = write_tables(engine, found.rows, folder, watch)
        _write_down(settings, folder, files)
        (folder / ARGUMENTS).write_text(files.arguments())
        return files


def _write_down(settings: Settings, folder: Path, files: ImportFiles) -> None:
    """Note whose data leave; what cannot be noted does not leave."""
    subscribers = pq.read_table(folder / "nodes" / "Subscriber", columns=[KEYS["Subscriber"]])
    told = [file.header.removesuffix(".csv") for file in (*files.nodes, *files.relationships)]
    try:
        log = AuditLog.of(settings)
        log.taken_along("export tables", subscribers.column(0).to_pylist(), told)
    except AuditError:
        shutil.rmtree(folder)
        raise


def write_tables(
    engine: BaseBackend, rows: Mapping[str, Table], folder: Path, watch: Watch
) -> ImportFiles:
    """Write every table of a graph below a folder, and return what the importer is told of them.

    Parameters
    ----------
    engine : BaseBackend
        Where the rows live.
    rows : Mapping[str, Table]
        All rows of every table of the graph, as ``changes`` returns them for an empty one.
    folder : Path
        An empty one; with Spark, one that all executors share.
    """
    tables = list(_tables(rows))
    watch.begin("Writing tables", len(tables))
    for table in tables:
        table.write(engine, folder)
        watch.advance(1)
    (folder / TABLES).write_text(json.dumps([table.described for table in tables], indent=2) + "\n")
    return ImportFiles(
        [table.file for table in tables if isinstance(table.shape, Node)],
        [table.file for table in tables if not isinstance(table.shape, Node)],
    )


def _tables(rows: Mapping[str, Table]) -> Iterator[GraphTable]:
    for name, shapes in SHAPES.items():
        for shape in shapes:
            yield GraphTable(shape, _chosen(rows[name], shape))


def _chosen(rows: Table, shape: Shape) -> Table:
    ends = (shape.key,) if isinstance(shape, Node) else (shape.start.column, shape.end.column)
    for end in ends:
        rows = rows.filter(rows[end].notnull())
    return rows.select(**{name: _plain(rows[name]) for name in (*ends, *shape.properties)})


def _plain(value: Value) -> Value:
    """Return a value in the one type that every reader of Parquet takes for the same."""
    kind = value.type()
    if kind.is_timestamp():
        return value.cast(_UTC)  # Spark's have no zone by themselves
    return value.cast("int64") if kind.is_decimal() else value


def _matched(side: str, end: End) -> dict[str, str]:
    return {
        f"relationship.{side}.labels": f":{end.label}",
        f"relationship.{side}.node.keys": f"{end.column}:{KEYS[end.label]}",
        f"relationship.{side}.save.mode": "Match",
    }
