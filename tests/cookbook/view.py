"""The whole view of a subscriber as a document, made of the schema: new fields are in it, too."""

from typing import cast

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from api.schema import SCHEMA

_PERSON = cast(GraphQLObjectType, SCHEMA.type_map["Subscriber"])
#: As deep as fits into a document: the places of a visit, what a KPI of a problem was worth.
_DEPTH = 4


def whole_view() -> str:
    """Return the selection of all fields of a subscriber and of what is below them.

    Whoever is met on the way is asked for their key alone, and of lists three entries.
    """
    found = (_selected(name, field, _DEPTH) for name, field in _PERSON.fields.items())
    return " ".join(filter(None, found))


def _selected(name: str, field: GraphQLField, depth: int) -> str:
    kind = get_named_type(field.type)
    if any(map(is_required_argument, field.args.values())):
        return ""
    told = f"{name}(first: 3)" if "first" in field.args else name
    if is_leaf_type(kind):
        return told
    inner = _below(kind, depth - 1) if depth > 1 else ""
    return f"{told} {{ {inner} }}" if inner else ""


def _below(kind: GraphQLNamedType, depth: int) -> str:
    if kind is _PERSON:
        return "key"
    if not isinstance(kind, GraphQLObjectType):  # an interface or a union
        return "__typename"
    names = {name: field for name, field in kind.fields.items() if name != "nodes"}
    return " ".join(filter(None, (_selected(name, names[name], depth) for name in names)))
