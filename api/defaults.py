"""An argument that is null where it has a default: the default is meant.

GraphQL tells a null from an argument that is not there, and hands it to the resolver. A client that
has nothing to say often sends a null, and none of our defaults means something else than that.
"""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    is_introspection_type,
)


def default_for_null(schema: GraphQLSchema) -> None:
    """Let every resolver of a schema get the default instead of a null."""
    for kind in schema.type_map.values():
        if is_introspection_type(kind) or not isinstance(kind, GraphQLObjectType):
            continue
        for field in kind.fields.values():
            defaults = {
                argument.out_name or name: argument.default_value
                for name, argument in field.args.items()
                if argument.default_value not in (None, Undefined)
                and not isinstance(argument.type, GraphQLNonNull)
            }
            if defaults:
                _wrap(field, defaults)


def _wrap(field: GraphQLField, defaults: Mapping[str, Any]) -> None:
    resolve: Any = field.resolve

    @wraps(resolve)
    def resolved(parent: Any, info: Any, **given: Any) -> Any:
        meant = {name: value for name, value in given.items() if value is not None}
        return resolve(parent, info, **{**given, **defaults, **meant})

    field.resolve = resolved
