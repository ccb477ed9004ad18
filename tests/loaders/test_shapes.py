"""What an importer is told of the rows is what the statements write."""

import re
from pathlib import Path

import pytest

from loaders.changes import changes
from loaders.engine import connect
from loaders.kinds import KINDS
from loaders.shapes import SHAPES, End, Node, Relationship, Shape
from loaders.writer import WRITES
from tests.loaders.records_of import table_of

PAGE = Path(__file__).parents[2] / "docs" / "graph-model.md"
_NODE = re.compile(r"(MATCH|MERGE) \((\w+):(\w+) \{(\w+): row\.(\w+)\}\)")
_EDGE = re.compile(r"MERGE \((\w+)\)-\[(\w*):(\w+)(?: \{([^}]*)\})?\]->\((\w+)\)")
_PROPERTY = re.compile(r"(\w+)\.(\w+) = (?:datetime\()?row\.(\w+)")
_INNER = re.compile(r"(\w+): row\.(\w+)")
_KEYS = {s.label: s.key for shapes in SHAPES.values() for s in shapes if isinstance(s, Node)}


def written(text: str) -> set[Shape]:
    """Read off a statement what it writes; properties of whole rows are left open."""
    ends: dict[str, End] = {}
    shapes: set[Shape] = set()
    properties: dict[str, list[str]] = {}
    for variable, name, column in _PROPERTY.findall(text):
        assert name == column
        properties.setdefault(variable, []).append(name)
    for clause, variable, label, key, column in _NODE.findall(text):
        ends[variable] = End(label, column)
        assert key == _KEYS[label]
        if clause == "MERGE":
            assert key == column
            shapes.add(Node(label, key, tuple(properties.get(variable, ()))))
    for start, variable, kind, inner, end in _EDGE.findall(text):
        named = [name for name, _ in _INNER.findall(inner)]
        told = (*named, *properties.get(variable, ()))
        shapes.add(Relationship(kind, ends[start], ends[end], told))
    return shapes


@pytest.mark.parametrize("name", WRITES)
def test_a_statement_writes_what_the_shapes_say(name: str) -> None:
    text = WRITES[name].text
    shapes = set(SHAPES[name])
    if "+= row" in text:
        shapes = {Node(shape.label, shape.key) for shape in shapes if isinstance(shape, Node)}
    assert written(text) == shapes


def test_every_table_has_shapes_and_its_columns_are_theirs() -> None:
    """A column that no shape names would be written by neither or by one of the two ways."""
    records = {kind: table_of(kind) for kind in KINDS}
    rows = changes(connect(), records, frozenset(), is_whole=True).rows
    assert list(rows) == list(WRITES) == list(SHAPES)
    for name, table in rows.items():
        assert set(table.columns) == {column for s in SHAPES[name] for column in columns(s)}, name


def test_the_page_of_the_graph_model_names_every_property() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line[:1] == "|"]
    told = {first.strip(): set(re.findall(r"`(\w+)`", last)) for first, last in rows}
    for shape in (shape for shapes in SHAPES.values() for shape in shapes):
        if isinstance(shape, Node):
            assert set(columns(shape)) <= told[f"`{shape.label}`"]
        else:
            of_type = [names for row, names in told.items() if f"[:{shape.type}]" in row]
            assert len(of_type) == 1
            assert set(shape.properties) <= of_type[0]


def columns(shape: Shape) -> list[str]:
    if isinstance(shape, Node):
        return [shape.key, *shape.properties]
    return [shape.start.column, shape.end.column, *shape.properties]


def test_one_table_has_the_nodes_of_a_label_before_any_relationship_needs_them() -> None:
    known: list[str] = []
    for shapes in SHAPES.values():
        known += [shape.label for shape in shapes if isinstance(shape, Node)]
        ends = [end for s in shapes if isinstance(s, Relationship) for end in (s.start, s.end)]
        assert {end.label for end in ends} <= set(known)
    assert len(known) == len(set(known))
