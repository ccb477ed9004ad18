"""A whole graph as CSV for Neo4j's importer: far quicker than transactions, but only from empty."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportCallIssue=false

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
from ibis.backends import BaseBackend
from ibis.expr.types import Table, Value

from graph.database.importer import ImportFile, build, exchange, new_draft
from graph.settings import Settings
from loaders.engine import count, write_csv
from loaders.progress import Watch
from loaders.shapes import SHAPES, Node, Shape

_DATE, _TIME = "%Y-%m-%d", "%H:%M:%S.%f"


def rebuild(
    engine: BaseBackend, rows: Mapping[str, Table], settings: Settings, watch: Watch
) -> None:
    """Build the graph that the rows are, and put it in the place of the embedded server's.

    Parameters
    ----------
    engine : BaseBackend
        Where the rows live.
    rows : Mapping[str, Table]
        All rows of every table of the graph, as ``changes`` returns them for an empty one.

    Raises
    ------
    RuntimeFault
        The disk is full, or the server cannot be stopped or started.
    DatabaseError
        The importer refuses the rows.
    """
    draft = new_draft(settings)
    watch.begin("Writing tables", sum(len(shapes) for shapes in SHAPES.values()))
    nodes: list[ImportFile] = []
    relationships: list[ImportFile] = []
    for export in _exports(rows):
        export.write(engine, draft)
        files = nodes if isinstance(export.shape, Node) else relationships
        files.append(export.file)
        watch.advance(1)
    watch.begin("Building the graph", 1)
    build(settings, draft, nodes, relationships, has_long_lines=_has_long_lines(rows))
    exchange(settings, draft)
    watch.advance(1)


@dataclass(frozen=True)
class _Export:
    """One shape of a table as a CSV file, in the order of ``columns``."""

    table: str
    shape: Shape
    rows: Table

    @property
    def file(self) -> ImportFile:
        """What the importer is told of it."""
        if isinstance(self.shape, Node):
            name, stem = self.shape.label, self.shape.label
        else:
            # A row may be two relationships of one type, to nodes of different labels.
            name, stem = self.shape.type, f"{self.shape.type}-{self.shape.end.label}"
        return ImportFile(name, f"{self.table}-{stem}-header.csv", f"{self.table}-{stem}.csv")

    def write(self, engine: BaseBackend, folder: Path) -> None:
        """Write header and rows."""
        chosen = self._chosen()
        (folder / self.file.header).write_text(",".join(self._header()) + "\n")
        write_csv(engine, chosen, folder / self.file.rows)

    def _ends(self) -> tuple[str, ...]:
        shape = self.shape
        return (shape.key,) if isinstance(shape, Node) else (shape.start.column, shape.end.column)

    def _chosen(self) -> Table:
        rows = self.rows
        for end in self._ends():
            rows = rows.filter(rows[end].notnull())
        ends = {f"end_{number}": rows[end] for number, end in enumerate(self._ends())}
        rest = {name: _text(rows[name]) for name in self.shape.properties}
        return rows.select(**ends, **rest)

    def _header(self) -> Iterator[str]:
        shape = self.shape
        if isinstance(shape, Node):
            yield f"{shape.key}:ID({shape.label})"
        else:
            yield f":START_ID({shape.start.label})"
            yield f":END_ID({shape.end.label})"
        types = self.rows.schema()
        for name in shape.properties:
            yield f"{name}:{_type(types[name])}"


def _exports(rows: Mapping[str, Table]) -> Iterator[_Export]:
    for table, shapes in SHAPES.items():
        for shape in shapes:
            yield _Export(table, shape, rows[table])


def _type(kind: dt.DataType) -> str:
    """Return the importer's word for a type."""
    if kind.is_timestamp():
        return "datetime"
    words = {
        kind.is_boolean(): "boolean",
        kind.is_integer() or kind.is_decimal(): "long",
        kind.is_floating(): "double",
        kind.is_date(): "date",
    }
    return words.get(True, "string")


def _text(value: Value) -> Value:
    kind = value.type()
    if kind.is_timestamp():
        # Spark takes a T in a pattern for a word of its own.
        return value.strftime(_DATE) + "T" + value.strftime(_TIME) + "Z"
    return value.cast("int64") if kind.is_decimal() else value


def _has_long_lines(rows: Mapping[str, Table]) -> bool:
    """Tell whether some text holds a line's end; the importer reads such files more slowly."""
    for export in _exports(rows):
        texts = [name for name, kind in export.rows.schema().items() if kind.is_string()]
        if not isinstance(export.shape, Node) or not texts:
            continue
        is_long = ibis.or_(*[export.rows[name].contains("\n") for name in texts])
        if count(export.rows.filter(is_long)):
            return True
    return False
