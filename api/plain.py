"""Quicker execution of fields that only look into what has been read.

Most of an answer are plain fields: a column of a row, or what a resolver makes of the row alone.
For them graphql-core builds a path, an info object and arguments each, which costs more than all
else together. Here such a field is compiled once for each document, together with all that is
selected below it, if that is plain, too. Whatever is out of the ordinary — an error, a null where
none may be, something to wait for — is left to graphql-core, which executes the field anew and
knows what to answer.
"""

from asyncio import gather
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.execute import get_field_def
from graphql.pyutils import AwaitableOrValue, Path

from api.audit import BELONGINGS, PERSONS, note
from api.value import Value, each, leaf, noted, reading, required

Plans = dict[Hashable, Any]  # of a field: how it is planned, or None; of a person: what is told

_TYPENAME = "__typename"


@dataclass(frozen=True)
class _Selected:
    """What is selected of a type of object.

    Attributes
    ----------
    collected
        As graphql-core has it; kept, because it is known by its identity.
    fields
        Of each: its name in the answer, where it stands, and how it is planned, if it is plain.
    told
        Of a person or a belonging: what ``note`` is to be told.
    """

    collected: dict[str, list[FieldNode]]
    fields: list[tuple[str, list[FieldNode], Value | None]]
    told: tuple[str, str, tuple[str, ...]] | None
    is_person: bool


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
        selected = self._selected(parent_type, fields)
        if selected.told and (selected.is_person or (path and path.prev is None)):
            note(*selected.told, source_value)
        results: dict[str, Any] = {}
        waiting: list[str] = []
        for name, nodes, plan in selected.fields:
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

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
    ) -> AwaitableOrValue[Any]:
        """Complete what a resolver returned: at once, if all that is selected of it is plain.

        What a field of the root returned may be a belonging, which ``execute_fields`` notes.
        """
        plan = path.prev and self._kept("completed", return_type, field_nodes, self._completed)
        if plan:
            try:
                return plan(result)
            except Exception:  # noqa: S110 - graphql-core says what is wrong, where
                pass
        return super().complete_value(return_type, field_nodes, info, path, result)

    def execute_operation(
        self, operation: OperationDefinitionNode, root_value: Any
    ) -> AwaitableOrValue[Any]:
        """Execute an operation from its root."""
        kept = self.context_value.plans
        root = cast(GraphQLObjectType, self.schema.get_root_type(operation.operation))
        if "root" not in kept:
            kept["root"] = collect_fields(
                self.schema, self.fragments, self.variable_values, root, operation.selection_set
            )
        if operation.operation is OperationType.MUTATION:
            return self.execute_fields_serially(root, root_value, None, kept["root"])
        return self.execute_fields(root, root_value, None, kept["root"])

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_nodes: list[FieldNode]
    ) -> dict[str, list[FieldNode]]:
        """Return what is selected of a type of object, collected once for each document."""
        collect = super().collect_subfields
        return cast(
            dict[str, list[FieldNode]], self._kept("subfields", return_type, field_nodes, collect)
        )

    def _kept(
        self,
        what: str,
        of: GraphQLOutputType,
        nodes: list[FieldNode],
        make: Callable[[Any, list[FieldNode]], Any],
    ) -> Any:
        plans: Plans = self.context_value.plans
        key = (what, of, *map(id, nodes))
        if key not in plans:
            plans[key] = make(of, nodes)
        return plans[key]

    def _selected(
        self, parent_type: GraphQLObjectType, fields: dict[str, list[FieldNode]]
    ) -> "_Selected":
        plans: Plans = self.context_value.plans
        key = ("selected", parent_type, id(fields))
        if key not in plans:
            of, planned = parent_type.name, []
            for name, nodes in fields.items():
                planned.append((name, nodes, self._plan(parent_type, nodes)))
            column = PERSONS.get(of) or BELONGINGS.get(of)
            told = (of, column, self._told(parent_type, fields)) if column else None
            plans[key] = _Selected(fields, planned, told, of in PERSONS)
        return cast("_Selected", plans[key])

    def _plan(self, parent_type: GraphQLObjectType, nodes: list[FieldNode]) -> Value | None:
        return cast("Value | None", self._kept("plan", parent_type, nodes, self._planned))

    def _planned(self, parent_type: GraphQLObjectType, nodes: list[FieldNode]) -> Value | None:
        if nodes[0].name.value == _TYPENAME:
            name = parent_type.name
            return lambda _parent: name
        field = get_field_def(self.schema, parent_type, nodes[0])
        read = reading(field) if field and not field.args else None
        completed = self._completed(field.type, nodes) if field and read else None
        return read(completed) if read and completed else None

    def _completed(self, output: GraphQLOutputType, nodes: list[FieldNode]) -> Value | None:
        if isinstance(output, GraphQLNonNull):
            inner = output.of_type
            if is_leaf_type(inner):
                return leaf(cast(GraphQLLeafType, inner), is_required=True)
            below = self._completed(inner, nodes)
            return required(below) if below else None
        if isinstance(output, GraphQLList):
            below = self._completed(output.of_type, nodes)
            return each(below) if below else None
        if is_leaf_type(output):
            return leaf(cast(GraphQLLeafType, output), is_required=False)
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
            noted(output.name, column, self._told(output, selected), completed)
            if column
            else completed
        )

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
