"""The schema as each role may know it: what a role may not ask for is not there.

Introspection is answered by the schema of the asker's role, and errors are told by it.
"""

from functools import cache
from typing import Any, TypeVar, cast

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
)

from api.access import RULES
from api.schema import SCHEMA
from graph.settings import Role

_Fielded = GraphQLObjectType | GraphQLInterfaceType
_Kind = TypeVar("_Kind", bound=GraphQLNamedType)


@cache
def visible_to(role: Role) -> GraphQLSchema:
    """Return the schema with the fields and arguments that a role may ask for, and no others."""
    view = _View(role)
    more = [
        view.named(kind)
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType) and kind.interfaces and view.shows(kind)
    ]
    return GraphQLSchema(
        query=view.root(SCHEMA.query_type),
        mutation=view.root(SCHEMA.mutation_type),
        subscription=view.root(SCHEMA.subscription_type),
        types=more,
        directives=SCHEMA.directives,
        description=SCHEMA.description,
    )


class _View:
    """One role's copies of the types; enumerations, scalars and inputs are everybody's."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._copies: dict[str, GraphQLNamedType] = {}

    def root(self, kind: GraphQLObjectType | None) -> GraphQLObjectType | None:
        return self.named(kind) if kind and self.shows(kind) else None

    def shows(self, kind: GraphQLNamedType) -> bool:
        if isinstance(kind, GraphQLUnionType):
            return any(map(self.shows, kind.types))
        if not isinstance(kind, _Fielded) or is_introspection_type(kind):
            return True
        return any(self._may_ask(f"{kind.name}.{field}") for field in kind.fields)

    def named(self, kind: _Kind) -> _Kind:
        if kind.name not in self._copies:
            self._copies[kind.name] = self._copy(kind)
        return cast(_Kind, self._copies[kind.name])

    def _copy(self, kind: GraphQLNamedType) -> GraphQLNamedType:
        if is_introspection_type(kind):
            return kind
        given = cast(dict[str, Any], kind.to_kwargs())
        if isinstance(kind, GraphQLUnionType):
            shown = [member for member in kind.types if self.shows(member)]
            return GraphQLUnionType(**{**given, "types": lambda: list(map(self.named, shown))})
        if not isinstance(kind, _Fielded):
            return kind
        interfaces = [interface for interface in kind.interfaces if self.shows(interface)]
        given["interfaces"] = lambda: list(map(self.named, interfaces))
        given["fields"] = lambda: self._fields(kind)
        if isinstance(kind, GraphQLInterfaceType):
            return GraphQLInterfaceType(**given)
        return GraphQLObjectType(**given)

    def _fields(self, kind: _Fielded) -> dict[str, GraphQLField]:
        return {
            name: self._field(f"{kind.name}.{name}", field)
            for name, field in kind.fields.items()
            if self._may_ask(f"{kind.name}.{name}")
        }

    def _field(self, coordinate: str, field: GraphQLField) -> GraphQLField:
        arguments: dict[str, GraphQLArgument] = {
            name: argument
            for name, argument in field.args.items()
            if self._may_ask(f"{coordinate}({name}:)", otherwise=True)
        }
        given = field.to_kwargs()
        return GraphQLField(**{**given, "type_": self._wrapped(field.type), "args": arguments})

    def _wrapped(self, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return GraphQLNonNull(self._wrapped(kind.of_type))
        if isinstance(kind, GraphQLList):
            return GraphQLList(self._wrapped(kind.of_type))
        return self.named(kind)

    def _may_ask(self, coordinate: str, *, otherwise: bool = False) -> bool:
        roles = RULES.get(coordinate)
        return otherwise if roles is None else self._role in roles
