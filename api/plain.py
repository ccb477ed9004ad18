"""Quicker execution of fields that only look into what has been read.

Most of an answer are plain fields: a column of a row, or what a resolver makes of the row alone.
For them graphql-core builds a path, an info object and arguments each, which costs more than all
else together. Here such a field is compiled once for each document, together with all that is
selected below it, if that is plain, too. Whatever is out of the ordinary — an error, a null where
none may be, something to wait for — is left to graphql-core, which executes the field anew and
knows what to answer.
"""

from asyncio import gather
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from functools import cache, partial
from inspect import isawaitable, iscoroutine, iscoroutinefunction, signature
from typing import Any, cast

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    Undefined,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.execute import get_field_def
from graphql.pyutils import AwaitableOrValue, Path

from api.audit import BELONGINGS, PERSONS, note

Value = Callable[[Any], Any]  # of a parent: what a field of it is; of a result: what it answers
Plans = dict[Hashable, Any]  # of a field: how it is planned, or None; of a person: what is told

_TYPENAME = "__typename"


class _Unusual(Exception):
    """A field is not as plain as it seemed."""


class PlainContext(ExecutionContext):
    """graphql-core's execution, but for plain fields."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Execute the fields of one object, waiting for those that need it together."""
        self._note(parent_type, source_value, path, fields)
        results: dict[str, Any] = {}
        waiting: list[str] = []
        for name, nodes in fields.items():
            plan = self._plan(parent_type, nodes)
            if plan:
                try:
                    results[name] = plan(source_value)
                    continue
                except Exception:  # noqa: S110 - graphql-core says what is wrong, where
                    pass
            result = self.execute_field(
                parent_type, source_value, nodes, Path(path, name, parent_type.name)
            )
            if result is not Undefined:
                results[name] = result
                if self.is_awaitable(result):
                    waiting.append(name)
        return _awaited(results, waiting) if waiting else results

    async def execute_fields_serially(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> dict[str, Any]:
        """Execute the fields of a mutation one after the other.

        graphql-core calls all resolvers at once, and leaves those of them that come after a failed
        one without anybody who waits for them.
        """
        results: dict[str, Any] = {}
        for name, nodes in fields.items():
            result = self.execute_field(
                parent_type, source_value, nodes, Path(path, name, parent_type.name)
            )
            if result is not Undefined:
                results[name] = await result if self.is_awaitable(result) else result
        return results

    def _plan(self, parent_type: GraphQLObjectType, nodes: list[FieldNode]) -> Value | None:
        plans: Plans = self.context_value.plans
        key = (parent_type, *map(id, nodes))
        if key not in plans:
            plans[key] = self._planned(parent_type, nodes)
        return cast("Value | None", plans[key])

    def _planned(self, parent_type: GraphQLObjectType, nodes: list[FieldNode]) -> Value | None:
        if nodes[0].name.value == _TYPENAME:
            name = parent_type.name
            return lambda _parent: name
        field = get_field_def(self.schema, parent_type, nodes[0])
        reading = _reading(field) if field and not field.args else None
        completed = self._completed(field.type, nodes) if field and reading else None
        return reading(completed) if reading and completed else None

    def _completed(self, output: GraphQLOutputType, nodes: list[FieldNode]) -> Value | None:
        if isinstance(output, GraphQLNonNull):
            inner = output.of_type
            if is_leaf_type(inner):
                return _leaf(cast(GraphQLLeafType, inner), is_required=True)
            below = self._completed(inner, nodes)
            return _required(below) if below else None
        if isinstance(output, GraphQLList):
            below = self._completed(output.of_type, nodes)
            return _list(below) if below else None
        if is_leaf_type(output):
            return _leaf(cast(GraphQLLeafType, output), is_required=False)
        if isinstance(output, GraphQLObjectType) and not output.is_type_of:
            return self._object(output, nodes)
        return None

    def _object(self, output: GraphQLObjectType, nodes: list[FieldNode]) -> Value | None:
        selected = self.collect_subfields(output, nodes)
        plans = {name: self._plan(output, below) for name, below in selected.items()}
        if not all(plans.values()):
            return None
        fields = cast(list[tuple[str, Value]], list(plans.items()))

        def completed(value: Any) -> Any:
            return None if value is None else {name: field(value) for name, field in fields}

        column = PERSONS.get(output.name)
        return (
            _noted(output.name, column, self._told(output, selected), completed)
            if column
            else completed
        )

    def _note(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> None:
        """Note what is read of a person (``api.audit``)."""
        of = parent_type.name
        column = PERSONS.get(of)
        if column is None and path and path.prev is None:
            column = BELONGINGS.get(of)
        if column is None:
            return
        known: Plans = self.context_value.plans
        key = ("told", parent_type, *(id(node) for nodes in fields.values() for node in nodes))
        if key not in known:
            known[key] = self._told(parent_type, fields)
        note(of, column, known[key], source_value)

    def _told(
        self, parent_type: GraphQLObjectType, fields: dict[str, list[FieldNode]]
    ) -> tuple[str, ...]:
        """Return what fields tell of a person: paths down to leaves, or to somebody else."""
        paths: dict[str, None] = {}
        for nodes in fields.values():
            name = nodes[0].name.value
            field = get_field_def(self.schema, parent_type, nodes[0])
            below = get_named_type(field.type) if field else None
            if isinstance(below, GraphQLObjectType) and below.name not in PERSONS:
                selected = self.collect_subfields(below, nodes)
                paths |= {f"{name}.{path}": None for path in self._told(below, selected)}
            else:
                paths[name] = None
        return tuple(paths)


async def _awaited(results: dict[str, Any], waiting: list[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
    else:
        results.update(zip(waiting, await gather(*(results[n] for n in waiting)), strict=True))
    return results


def _reading(field: GraphQLField) -> Callable[[Value], Value] | None:
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


def _noted(of: str, column: str, fields: tuple[str, ...], completed: Value) -> Value:
    def noted(value: Any) -> Any:
        if value is not None:
            note(of, column, fields, value)
        return completed(value)

    return noted


def _required(below: Value) -> Value:
    def completed(value: Any) -> Any:
        result = below(value)
        if result is None:
            raise _Unusual
        return result

    return completed


def _list(below: Value) -> Value:
    def completed(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise _Unusual
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


def _leaf(output: GraphQLLeafType, *, is_required: bool) -> Value:
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
            raise _Unusual
        return result

    return completed


def _absent(*, is_required: bool) -> None:
    if is_required:
        raise _Unusual


def _int(value: Any) -> Any:
    if value is None or (type(value) is int and -_GREATEST_INT <= value <= _GREATEST_INT):
        return value
    raise _Unusual


def _required_int(value: Any) -> Any:
    if type(value) is int and -_GREATEST_INT <= value <= _GREATEST_INT:
        return value
    raise _Unusual


def _check(value: Any) -> None:
    """Leave alone what has to be waited for."""
    if isawaitable(value):
        if iscoroutine(value):
            value.close()  # it is made anew
        raise _Unusual
