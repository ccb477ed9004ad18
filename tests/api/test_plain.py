"""Plain execution answers, to the last error, as graphql-core alone does."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from inspect import isawaitable
from typing import Any

import graphene
import pytest
from graphql import ExecutionContext, ExecutionResult, execute, parse

from api.plain import PlainContext, Plans


@dataclass
class Context:
    """What plain execution keeps its plans in."""

    plans: Plans = field(default_factory=dict)


class Colour(graphene.Enum):  # type: ignore[misc]  # graphene carries no types
    RED = "red"
    BLUE = "blue"


class Leaf(graphene.ObjectType):  # type: ignore[misc]  # graphene carries no types
    name = graphene.String()
    number = graphene.Int(required=True)
    big = graphene.BigInt()
    share = graphene.Float()
    at = graphene.DateTime()
    on = graphene.Date()
    colour = graphene.Field(Colour)
    colours = graphene.List(graphene.NonNull(Colour))
    made = graphene.String()
    later = graphene.String()
    below = graphene.Field(lambda: Leaf)
    leaves = graphene.List(graphene.NonNull(lambda: Leaf))

    @staticmethod
    def resolve_made(leaf: Any, _info: Any) -> str:
        return f"made of {leaf['number']}"

    @staticmethod
    async def resolve_later(leaf: Any, _info: Any) -> str:
        return f"later {leaf['number']}"


class Query(graphene.ObjectType):  # type: ignore[misc]  # graphene carries no types
    leaf = graphene.Field(Leaf)


SCHEMA = graphene.Schema(query=Query).graphql_schema
GOOD = {
    "name": "a",
    "number": 1,
    "big": 2**40,
    "share": 1,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "on": date(2026, 1, 1),
    "colour": "red",
    "colours": ["blue", "red"],
}
BAD = {**GOOD, "number": None}
ODD = {**GOOD, "name": 5, "number": 2**31, "colour": "green"}
ALL = "name number big share at on colour colours made __typename"


def run(text: str, leaf: Any, context: type[ExecutionContext], **variables: Any) -> Any:
    async def awaited() -> ExecutionResult:
        result = execute(
            SCHEMA,
            parse(text),
            root_value={"leaf": leaf},
            context_value=Context(),
            variable_values=variables,
            execution_context_class=context,
        )
        return await result if isawaitable(result) else result

    return asyncio.run(awaited()).formatted


@pytest.mark.parametrize("leaf", [GOOD, BAD, ODD, None, {**GOOD, "leaves": [GOOD, BAD, ODD, GOOD]}])
@pytest.mark.parametrize(
    "text",
    [
        f"{{ leaf {{ {ALL} }} }}",
        f"{{ leaf {{ {ALL} below {{ {ALL} }} leaves {{ {ALL} }} }} }}",
        "{ leaf { leaves { leaves { number } below { name } } } }",
        "{ a: leaf { ...F } b: leaf { ...on Leaf { big } } } fragment F on Leaf { x: number made }",
    ],
)
def test_answers_and_errors_are_the_same(text: str, leaf: Any) -> None:
    nested = leaf and {**leaf, "below": leaf}
    assert run(text, nested, PlainContext) == run(text, nested, ExecutionContext)


def test_what_has_to_be_waited_for_stands_beside_what_has_not() -> None:
    text = f"{{ leaf {{ later {ALL} leaves {{ later made }} }} }}"
    leaf = {**GOOD, "leaves": [GOOD, {**GOOD, "number": 2}]}
    assert run(text, leaf, PlainContext) == run(text, leaf, ExecutionContext)


@pytest.mark.parametrize("wanted", [True, False])
def test_directives_are_heeded(wanted: bool) -> None:
    text = "query ($w: Boolean!) { leaf { number name @include(if: $w) } }"
    expected = {"number": 1, "name": "a"} if wanted else {"number": 1}
    assert run(text, GOOD, PlainContext, w=wanted) == {"data": {"leaf": expected}}
