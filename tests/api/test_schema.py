"""The schema as a whole: reviewed as text, described everywhere, ruled everywhere."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
)

from api.access import RULES
from api.matrix import printed_matrix
from api.schema import SCHEMA, printed

ROOT = Path(__file__).parent.parent.parent
#: What clients were told last; a release writes `schema.graphql` over it, and empties this list.
RELEASED = Path(__file__).parent / "released.graphql"
BROKEN_ON_PURPOSE: frozenset[str] = frozenset()


def test_schema_graphql_is_up_to_date() -> None:
    """`make schema` writes it."""
    assert (ROOT / "schema.graphql").read_text() == printed()


def test_nothing_that_clients_rely_on_is_broken() -> None:
    """As graphql-core compares schemas; what must break stands in the list, and in CHANGELOG."""
    broken = find_breaking_changes(build_schema(RELEASED.read_text()), build_schema(printed()))
    assert {change.description for change in broken} == BROKEN_ON_PURPOSE


def described() -> Iterator[tuple[str, str | None]]:
    """Yield the coordinate and the description of everything that has one."""
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        yield name, kind.description
        match kind:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field_name, field in kind.fields.items():
                    yield f"{name}.{field_name}", field.description
                    for argument_name, argument in field.args.items():
                        yield f"{name}.{field_name}({argument_name}:)", argument.description
            case GraphQLInputObjectType():
                for field_name, given in kind.fields.items():
                    yield f"{name}.{field_name}", given.description
            case GraphQLEnumType():
                for value_name, value in kind.values.items():
                    yield f"{name}.{value_name}", value.description


def test_everything_is_described() -> None:
    assert [name for name, description in described() if not description] == []


def test_what_has_a_unit_says_it() -> None:
    """A name's suffix promises a unit, and the description repeats it."""
    units = {"S": "in seconds", "Deg": "in degrees", "Minor": "minor unit", "Bytes": "in bytes"}
    for name, description in described():
        for suffix, words in units.items():
            if "." in name and name.endswith(suffix) and not name.isupper() and ".S" not in name:
                is_enumeration = name.rpartition(".")[2].isupper()
                assert is_enumeration or words in (description or ""), name


def test_every_field_has_a_rule_and_every_rule_a_field() -> None:
    """Whoever adds a field decides who may ask for it."""
    fields = {
        f"{name}.{field_name}"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field_name in kind.fields
    }
    missing = sorted(fields - RULES.keys())
    assert not missing, f"say in api/access.py, _FIELDS or _QUERY, who may ask for {missing}"
    assert RULES.keys() - fields == {"Query.subscriber(identity:)"}


def test_docs_authorization_is_up_to_date() -> None:
    """`make schema` writes it."""
    assert (ROOT / "docs" / "authorization.md").read_text() == printed_matrix()
