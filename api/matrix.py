"""The authorization matrix as text, as ``docs/authorization.md`` holds it for review."""

from collections.abc import Iterator
from itertools import groupby
from typing import cast, get_args

from graphql import GraphQLInterfaceType, GraphQLObjectType, is_introspection_type

from api.access import RULES, Roles
from api.owner import Owner, owner_of
from api.schema import SCHEMA
from graph.settings import Role

_FIELDED = (GraphQLObjectType, GraphQLInterfaceType)
ROLES: tuple[Role, ...] = get_args(Role)

_HEAD = """# Who may ask for what

`make schema` writes this page from the table in `api/access.py`, and tests ask for every field in
every role to see that it is so. What is not here, nobody may ask for. A field tells of the caller,
of the operator's own things, of a crowd (an aggregate about several people), or of a person.

"""


def printed_matrix() -> str:
    """Return the page: a row for the fields of a type that have the same rule."""
    head = " | ".join(("type", "fields", "tells of", *ROLES))
    lines = [f"| {head} |", "|---" * (3 + len(ROLES)) + "|"]
    for (type_name, owner, roles), group in groupby(sorted(_rows(), key=_order), key=_rule):
        fields = ", ".join(f"`{field}`" for field, *_ in group)
        cells = " | ".join("yes" if role in roles else "no" for role in ROLES)
        lines.append(f"| `{type_name}` | {fields} | {owner} | {cells} |")
    return _HEAD + "\n".join(lines) + "\n"


def ruled() -> Iterator[str]:
    """Yield the coordinate of everything that needs a rule: fields, and arguments that have one."""
    for type_name, kind in SCHEMA.type_map.items():
        is_ruled = isinstance(kind, _FIELDED) and not is_introspection_type(kind)
        fields = cast(GraphQLObjectType, kind).fields if is_ruled else ()
        yield from (f"{type_name}.{field}" for field in fields)
    yield from (name for name in RULES if "(" in name)


def _rows() -> Iterator[tuple[str, str, Owner, Roles]]:
    for coordinate in ruled():
        type_name, _, field = coordinate.partition(".")
        yield field, type_name, owner_of(coordinate), RULES.get(coordinate, frozenset())


def _rule(row: tuple[str, str, Owner, Roles]) -> tuple[str, Owner, Roles]:
    return row[1:]


def _order(row: tuple[str, str, Owner, Roles]) -> tuple[str, Owner, list[str], str]:
    field, type_name, owner, roles = row
    return type_name, owner, sorted(roles), field
