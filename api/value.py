"""What plain fields answer: functions of what has been read, made once for each document.

Whatever is out of the ordinary, they raise an exception for, and somebody else has to look at it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from inspect import isawaitable, iscoroutine, iscoroutinefunction, signature
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphql import GraphQLEnumType, GraphQLField, GraphQLLeafType, Undefined

from api.audit import note

#: Of a parent: what a field of it is; of a result: what it answers.
Value = Callable[[Any], Any]


class Unusual(Exception):
    """A field is not as plain as it seemed."""


def reading(field: GraphQLField) -> Callable[[Value], Value] | None:
    """Return what makes the reading of a field from its parent; none where it needs more.

    By our convention, a resolver that calls its second parameter ``_info`` does not look at it.
    """
    resolve = field.resolve
    if isinstance(resolve, partial) and resolve.func is dict_or_attr_resolver:
        return partial(_column, *resolve.args)
    if resolve is None or iscoroutinefunction(resolve):
        return None
    parameters = [*signature(resolve).parameters]
    if len(parameters) != 2 or parameters[1] != "_info":
        return None
    return partial(_resolved, resolve)


def _column(name: str, default: Any, completed: Value) -> Value:
    return lambda parent: completed(
        parent.get(name, default) if isinstance(parent, dict) else getattr(parent, name, default)
    )


def _resolved(resolve: Callable[[Any, Any], Any], completed: Value) -> Value:
    return lambda parent: completed(resolve(parent, None))


def noted(of: str, column: str, fields: tuple[str, ...], completed: Value) -> Value:
    """Return what notes that fields of a person are read (``api.audit``), and answers as below."""

    def noted(value: Any) -> Any:
        if value is not None:
            note(of, column, fields, value)
        return completed(value)

    return noted


def required(below: Value) -> Value:
    """Return what answers as below, but never null."""

    def completed(value: Any) -> Any:
        result = below(value)
        if result is None:
            raise Unusual
        return result

    return completed


def each(below: Value) -> Value:
    """Return what answers a list of what each item is below."""

    def completed(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise Unusual
        return [below(item) for item in value]

    return completed


_SELVES: Mapping[str, type] = {  # serialized as they are
    "String": str,
    "ID": str,
    "Boolean": bool,
    "BigInt": int,
}
_AT_HAND = frozenset({str, bool, int, float, date, datetime})  # nothing to wait for
_GREATEST_INT = 2**31 - 1


def leaf(output: GraphQLLeafType, *, is_required: bool) -> Value:
    """Return what answers values of a scalar or an enumeration."""
    if output.name == "Int":
        return _required_int if is_required else _int
    serialize, itself = output.serialize, _SELVES.get(output.name)
    if isinstance(output, GraphQLEnumType):
        serialize = cache(serialize)  # they are few

    def completed(value: Any) -> Any:
        if type(value) is itself:
            return value
        if value is None:
            return _absent(is_required=is_required)
        if type(value) not in _AT_HAND:
            _check(value)
        result = serialize(value)
        if result is None or result is Undefined:
            raise Unusual
        return result

    return completed


def _absent(*, is_required: bool) -> None:
    if is_required:
        raise Unusual


def _int(value: Any) -> Any:
    if value is None or (type(value) is int and -_GREATEST_INT <= value <= _GREATEST_INT):
        return value
    raise Unusual


def _required_int(value: Any) -> Any:
    if type(value) is int and -_GREATEST_INT <= value <= _GREATEST_INT:
        return value
    raise Unusual


def _check(value: Any) -> None:
    """Leave alone what has to be waited for."""
    if isawaitable(value):
        if iscoroutine(value):
            value.close()  # it is made anew
        raise Unusual
