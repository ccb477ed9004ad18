"""``docs/data-formats.md`` says what the code does: no column, field or unit is missing from it."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from loaders.kinds import KINDS
from loaders.mapping import (
    Identities,
    RecordRule,
    Source,
    Table,
    Value,
    read_source,
    source_names,
)
from loaders.records import Column
from loaders.times import EPOCH_UNITS
from loaders.units import UNITS

PAGE = Path(__file__).parents[2] / "docs" / "data-formats.md"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


def _limits(column: Column) -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:,} to {column.maximum:,}"
    return f"at least {column.minimum:,}" if column.minimum is not None else ""


def column_row(column: Column) -> str:
    """Return the row of a column in its kind's table."""
    mandatory = "yes" if column.is_mandatory else ""
    cells = [
        f"`{column.name}`",
        column.type,
        column.unit or "",
        mandatory,
        _limits(column),
        column.meaning,
    ]
    return f"| {' | '.join(cells)} |"


def field_rows(model: type[BaseModel]) -> list[str]:
    """Return the rows of a class of the mapping language; a file's name names its source."""
    given = {(Source, "name")}
    return [
        f"| `{field.alias or name}` "
        f"| {'yes' if field.is_required() and (model, name) not in given else ''} "
        f"| {field.description} |"
        for name, field in model.model_fields.items()
    ]


def unit_row(unit: str) -> str:
    """Return the row of a canonical unit."""
    return f"| `{unit}` | {', '.join(f'`{name}`' for name in UNITS[unit])} |"


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_described(kind: str, lines: list[str]) -> None:
    start = lines.index(f"### {kind}")
    rows = [column_row(column) for column in KINDS[kind].columns]
    assert lines[start + 2] == KINDS[kind].meaning
    assert lines[start + 6 : start + 6 + len(rows)] == rows
    for rule in KINDS[kind].rules:
        assert f"- Refused: {rule.reason}." in lines[start:]


@pytest.mark.parametrize("model", [Source, Identities, Table, RecordRule, Value])
def test_every_key_of_a_mapping_is_described(model: type[BaseModel], lines: list[str]) -> None:
    for row in field_rows(model):
        assert row in lines


def test_every_unit_is_described(lines: list[str]) -> None:
    for unit in UNITS:
        assert unit_row(unit) in lines
    assert ", ".join(f"`{unit}`" for unit in EPOCH_UNITS) in "\n".join(lines)


@pytest.mark.parametrize("name", [name for name in source_names() if name != "generated"])
def test_every_bundled_source_is_described(name: str, lines: list[str]) -> None:
    tables = read_source(name).tables
    kinds = dict.fromkeys(rule.kind for table in tables.values() for rule in table.records)
    (row,) = (line for line in lines if line.startswith(f"| `{name}` |"))
    assert [set(cell.strip().split(", ")) for cell in row.split("|")[2:4]] == [
        set(tables),
        set(kinds),
    ]
