"""Looking ahead: which columns of what a field reads its answer can need.

A subscriber carries dozens of columns, and an instant alone takes longer to decode than all else
of a row: a list reads only the columns that are asked for below it.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionNode,
    get_named_type,
)
from graphql import GraphQLResolveInfo as Info
from graphql.execution.values import get_argument_values

from api.audit import PERSONS
from api.context import context_of
from api.resolvers import READS, itself

Path = tuple[str, ...]


def columns(info: Info, *paths: Path) -> tuple[str, ...] | None:
    """Return the columns that may be needed of objects; None: nobody can tell, so all.

    Fragments and directives are taken to let everything through.

    Parameters
    ----------
    paths : tuple of tuple of str
        How such objects are reached from the field, such as ``("edges", "node")``.
    """
    plans = context_of(info).plans
    key = ("columns", paths, *map(id, info.field_nodes))
    if key not in plans:
        found = [
            _reached(info, _type_of(info.return_type), info.field_nodes, path) for path in paths
        ]
        each = [_read(info, kind, fields) for kind, fields in found]
        plans[key] = None if None in each else tuple(sorted(set().union(*filter(None, each))))
    chosen: tuple[str, ...] | None = plans[key]
    return chosen


def asks_for(info: Info, path: Path, names: Collection[str]) -> bool:
    """Tell whether one of some fields is asked for at the end of a path."""
    plans = context_of(info).plans
    key = ("asks for", path, *names, *map(id, info.field_nodes))
    if key not in plans:
        _, fields = _reached(info, _type_of(info.return_type), info.field_nodes, path)
        plans[key] = any(field.name.value in names for field in fields)
    return bool(plans[key])


def below(info: Info, name: str) -> tuple[Info, dict[str, Any]] | None:
    """Return how a field of the answer will be asked for, with its arguments; None: not just once.

    Fragments and directives are taken to let everything through.
    """
    plans = context_of(info).plans
    key = ("below", name, *map(id, info.field_nodes))
    if key not in plans:
        kind, fields = _reached(info, _type_of(info.return_type), info.field_nodes, ())
        found = [field for field in fields if field.name.value == name]
        field = kind.fields[name] if isinstance(kind, GraphQLObjectType) else None
        plans[key] = (field, found) if field and len(found) == 1 else None
    if plans[key] is None:
        return None
    chosen, nodes = plans[key]
    try:
        given = get_argument_values(chosen, nodes[0], info.variable_values)
    except GraphQLError:
        return None  # whoever executes the field will say so
    return info._replace(field_nodes=nodes, return_type=chosen.type), given


def _reached(
    info: Info, kind: object, nodes: Sequence[FieldNode], path: Path
) -> tuple[object, list[FieldNode]]:
    """Return the type at the end of a path, and the fields that are asked of it there."""
    fields = [field for node in nodes for field in _below(info, node)]
    if not path:
        return kind, fields
    name, *rest = path
    inner = _type_of(kind.fields[name].type) if isinstance(kind, GraphQLObjectType) else None
    return _reached(info, inner, [field for field in fields if field.name.value == name], (*rest,))


def _read(info: Info, kind: object, fields: Sequence[FieldNode]) -> set[str] | None:
    """Return the columns that fields of a type read of their parent."""
    if not isinstance(kind, GraphQLObjectType):
        return None
    found = {PERSONS[kind.name]} if kind.name in PERSONS else set()
    for node in fields:
        if node.name.value == "__typename":
            continue
        read = _read_by(info, kind, node)
        if read is None:
            return None
        found |= read
    return found


def _read_by(info: Info, kind: GraphQLObjectType, node: FieldNode) -> set[str] | None:
    field = kind.fields.get(node.name.value)
    if field is None:  # of an interface
        return None
    resolve = field.resolve
    if resolve is itself:
        return _read(info, _type_of(field.type), [*_below(info, node)])
    if isinstance(resolve, partial) and resolve.func is dict_or_attr_resolver:
        return {resolve.args[0]}
    return {READS[resolve]} if resolve in READS else None


def _below(info: Info, node: FieldNode) -> Iterator[FieldNode]:
    return _flat(info, node.selection_set.selections if node.selection_set else ())


def _flat(info: Info, selections: Sequence[SelectionNode]) -> Iterator[FieldNode]:
    for selection in selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _flat(info, selection.selection_set.selections)
        else:
            name = selection.name.value  # type: ignore[attr-defined]  # the one kind that is left
            yield from _flat(info, info.fragments[name].selection_set.selections)


def _type_of(output: object) -> object:
    return get_named_type(output)  # type: ignore[call-overload]
