"""What an answer may cost, told before anything is read: the most fields that it can have.

A field counts once for every object that it can stand on. A connection has as many objects as
``first`` or ``last`` says, another list as many as it usually has.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from api.relay import DEFAULT_PAGE_SIZE
from graph.settings import Role

# Most fields that an answer may have, unless TIEGRAPH_COST_BUDGETS says otherwise.
BUDGETS: Mapping[Role, int] = {
    "analyst": 100_000,
    "retention": 100_000,
    "care": 100_000,
    "partner": 10_000,
    "admin": 100_000,
}

_USUAL_LENGTH = 10
_USUAL_LENGTHS = {
    "CampaignQini.points": 51,
    "ConsentedHabits.times": 168,
    "Experience.stages": 4,
    "Experience.windows": 100,
    "ExperienceKqi.kpis": 4,
    "ExperienceModel.calibrations": 2,
    "ExperienceService.kqis": 3,
    "HabitPart.places": 3,
    "Habits.hours": 168,
    "Habits.parts": 4,
    "LoadQuality.checks": 100,
    "LoadQuality.days": 100,
    "Query.experienceModels": 3,
}
_MOST_TERMS = 1_000

Size = int | str  # a number, or the name of the variable that has it


@dataclass(frozen=True)
class Estimate:
    """The most fields of an answer, as a polynomial of the variables that say sizes.

    Attributes
    ----------
    terms : Mapping[tuple of str, int]
        The factor of each product of variables; that of the empty product is the constant.
    """

    terms: Mapping[tuple[str, ...], int]

    def of(self, variables: Mapping[str, Any]) -> int:
        """Return the cost for given values; a size that is absent is the usual page's.

        Examples
        --------
        >>> Estimate({(): 3, ("first",): 2}).of({"first": 100})
        203
        """
        return sum(
            factor * math.prod(_number(variables.get(name)) for name in names)
            for names, factor in self.terms.items()
        )


def estimate(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Estimate | None:
    """Return what a valid operation costs; ``None`` where too many variables say sizes."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Estimate({})
    try:
        return Estimate(_Estimator(schema, fragments).below(root, operation.selection_set, 1))
    except OverflowError:
        return None


class _Estimator:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._of_fragments: dict[tuple[str, Size], Counter[tuple[str, ...]]] = {}

    def below(
        self, parent: GraphQLCompositeType, selections: SelectionSetNode, page: Size
    ) -> Counter[tuple[str, ...]]:
        terms: Counter[tuple[str, ...]] = Counter()
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    terms.update(self._of_field(parent, selection, page))
                case InlineFragmentNode():
                    condition = selection.type_condition
                    kind = self._schema.type_map[condition.name.value] if condition else parent
                    inner = cast(GraphQLCompositeType, kind)
                    terms.update(self.below(inner, selection.selection_set, page))
                case FragmentSpreadNode():
                    terms.update(self._of_fragment(selection.name.value, page))
                case _:
                    pass
        if len(terms) > _MOST_TERMS:
            raise OverflowError
        return terms

    def _of_fragment(self, name: str, page: Size) -> Counter[tuple[str, ...]]:
        if (name, page) not in self._of_fragments:
            fragment = self._fragments[name]
            kind = self._schema.type_map[fragment.type_condition.name.value]
            parent = cast(GraphQLCompositeType, kind)
            self._of_fragments[name, page] = self.below(parent, fragment.selection_set, page)
        return self._of_fragments[name, page]

    def _of_field(
        self, parent: GraphQLCompositeType, node: FieldNode, page: Size
    ) -> Mapping[tuple[str, ...], int]:
        name = node.name.value
        fields = parent.fields if isinstance(parent, _FIELDED) else {}
        if name not in fields:
            return {(): 1}  # introspection has bounds of its own
        field, own = fields[name], _own_size(node)
        kind = get_named_type(field.type)
        terms: Counter[tuple[str, ...]] = Counter({(): 1})
        if node.selection_set and is_composite_type(kind):
            inner = own if own is not None else _page_of(field, 1)
            terms.update(self.below(kind, node.selection_set, inner))
        if not _is_list(field.type):
            return terms
        usual = _USUAL_LENGTHS.get(f"{parent.name}.{name}", _USUAL_LENGTH)
        is_of_page = name in ("edges", "nodes") and parent.name.endswith("Connection")
        return _times(terms, page if is_of_page else usual if own is None else own)


_FIELDED = (GraphQLObjectType, GraphQLInterfaceType)


def _own_size(node: FieldNode) -> Size | None:
    for argument in node.arguments:
        if argument.name.value in ("first", "last"):
            match argument.value:
                case IntValueNode(value=digits):
                    return _number(int(digits))
                case VariableNode(name=variable):
                    return variable.value
                case _:
                    return DEFAULT_PAGE_SIZE
    return None


def _page_of(field: GraphQLField, otherwise: Size) -> Size:
    return DEFAULT_PAGE_SIZE if "first" in field.args else otherwise


def _is_list(kind: GraphQLOutputType) -> bool:
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return isinstance(inner, GraphQLList)


def _times(terms: Mapping[tuple[str, ...], int], size: Size) -> Mapping[tuple[str, ...], int]:
    if isinstance(size, int):
        return {names: factor * size for names, factor in terms.items()}
    return {tuple(sorted((*names, size))): factor for names, factor in terms.items()}


def _number(size: object) -> int:
    return max(size, 0) if isinstance(size, int) else DEFAULT_PAGE_SIZE
