"""How much one request may hold: bounds that are checked before anything is read for it."""

import math
from collections import Counter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLType,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    visit,
)

MAX_BODY_BYTES = 1_048_576
MAX_DOCUMENT_LENGTH = 65_536  # characters
MAX_TOKENS = 2_000
MAX_DEPTH = 16  # GraphiQL's introspection has 15
MAX_VALIDATION_ERRORS = 20
MAX_BREADTH = 200  # selections side by side
MAX_ALIASES = 50
MAX_DIRECTIVES = 50
MAX_DIRECTIVES_OF_A_FIELD = 4
MAX_REPEATS = 20  # selections that say again what stands beside them
MAX_FRAGMENTS = 100
MAX_VARIABLES = 100
MAX_OPERATIONS = 20
MAX_INTROSPECTIONS = 4
MAX_LIKE_NAMES = 2_000  # pairs of fields in one place with one name, each of which is compared
MAX_LIST_LENGTH = 1_000  # in a document, or a variable
MAX_TEXT_LENGTH = 10_000  # characters of a text in a document, or a variable


def excess(document: DocumentNode) -> str | None:
    """Return what a document holds too much of, before it is validated; ``None``: nothing.

    It takes one look at every node. Validation compares selections with each other, and a document
    could be made for it that keeps it busy.

    Examples
    --------
    >>> from graphql import parse
    >>> excess(parse("{ " + "a " * 22 + "}"))
    'says more than 20 selections again'
    """
    census = _Census()
    visit(document, census)
    census.found["like_names"] = sum(math.comb(times, 2) for times in census.names.values())
    bounds = {
        "breadth": (MAX_BREADTH, "selects more than {} fields side by side"),
        "aliases": (MAX_ALIASES, "has more than {} aliases"),
        "directives": (MAX_DIRECTIVES, "has more than {} directives"),
        "of_a_field": (MAX_DIRECTIVES_OF_A_FIELD, "has more than {} directives in one place"),
        "repeats": (MAX_REPEATS, "says more than {} selections again"),
        "fragments": (MAX_FRAGMENTS, "has more than {} fragments"),
        "variables": (MAX_VARIABLES, "has more than {} variables"),
        "operations": (MAX_OPERATIONS, "has more than {} operations"),
        "introspections": (MAX_INTROSPECTIONS, "asks for the schema more than {} times"),
        "list": (MAX_LIST_LENGTH, "has a list of more than {}"),
        "text": (MAX_TEXT_LENGTH, "has a text of more than {} characters"),
        "like_names": (
            MAX_LIKE_NAMES,
            "has more than {} pairs of fields with one name in one place",
        ),
    }
    for name, (bound, words) in bounds.items():
        if census.found[name] > bound:
            return words.format(bound)
    return None


def introspections(document: DocumentNode) -> int:
    """Return how often a document asks what the schema has."""
    census = _Census()
    visit(document, census)
    return census.found["introspections"]


class _Census(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        # By what they stand in, and name: fragments of one type may come together anywhere.
        self.names: Counter[tuple[str | int, str]] = Counter()
        self._numbers: dict[tuple[str | int, str], int] = {}
        self._within: list[str | int] = []

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        self._within = [node.type_condition.name.value]
        self.found["fragments"] += 1

    def enter_variable_definition(self, *_: object) -> None:
        self.found["variables"] += 1

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self._within = [node.operation.value]
        self.found["operations"] += 1

    def enter_field(self, node: FieldNode, *_: object) -> None:
        place = self._within[-1], (node.alias or node.name).value
        self.names[place] += 1
        self._within.append(self._numbers.setdefault(place, len(self._numbers)))
        self.found["aliases"] += node.alias is not None
        self.found["introspections"] += node.name.value in ("__schema", "__type")
        self._count_directives(len(node.directives))

    def leave_field(self, *_: object) -> None:
        self._within.pop()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self._count_directives(len(node.directives))

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> None:
        self._count_directives(len(node.directives))

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        said = [name for name in map(_said, node.selections) if name]
        self.found["breadth"] = max(self.found["breadth"], len(node.selections))
        self.found["repeats"] += len(said) - len(set(said))

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        self.found["list"] = max(self.found["list"], len(node.values))

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        self.found["text"] = max(self.found["text"], len(node.value))

    def _count_directives(self, count: int) -> None:
        self.found["directives"] += count
        self.found["of_a_field"] = max(self.found["of_a_field"], count)


def _said(selection: SelectionNode) -> str | None:
    """Return what a selection should not say beside another one; an alias is counted as such."""
    match selection:
        case FieldNode(alias=None, name=name) | FragmentSpreadNode(name=name):
            return name.value
        case InlineFragmentNode(type_condition=condition):
            return f"on {condition.name.value}" if condition else "on"
        case _:
            return None


def depth(document: DocumentNode) -> int:
    """Return how deep the fields of a valid document are nested at most.

    Examples
    --------
    >>> from graphql import parse
    >>> depth(parse("{ a { ...b } } fragment b on B { c { d } e }"))
    3
    """
    fragments = {
        definition.name.value: definition.selection_set
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    of_fragments: dict[str, int] = {}  # each is measured once, however often it is spread

    def below(selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        deepest = 0
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    deepest = max(deepest, 1 + below(selection.selection_set))
                case InlineFragmentNode():
                    deepest = max(deepest, below(selection.selection_set))
                case FragmentSpreadNode():
                    name = selection.name.value
                    if name not in of_fragments:
                        of_fragments[name] = below(fragments[name])
                    deepest = max(deepest, of_fragments[name])
                case _:
                    pass
        return deepest

    operations = (
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )
    return max((below(selections) for selections in operations), default=0)


def longest(sort: type[list[Any]] | type[str], kind: GraphQLType | None, value: object) -> int:
    """Return the length of the longest list, or text, in a variable's value, by its type.

    What a scalar holds, GeoJSON for one, is the scalar's own business, unless it is a text.

    Examples
    --------
    >>> from graphql import GraphQLInt, GraphQLString
    >>> longest(list, GraphQLList(GraphQLList(GraphQLInt)), [[1, 2], [1, 2, 3]])
    3
    >>> longest(str, GraphQLList(GraphQLString), ["a", "bcde", "f", "g", "h"])
    4
    """
    match kind, value:
        case GraphQLNonNull(), _:
            return longest(sort, kind.of_type, value)
        case GraphQLList(), list() if sort is list and len(value) > MAX_LIST_LENGTH:
            return len(value)  # what it holds does not matter any more
        case GraphQLList(), list():
            inner = max((longest(sort, kind.of_type, item) for item in value), default=0)
            return max(inner, len(value)) if sort is list else inner
        case GraphQLList(), _:  # one value stands for a list of it
            return longest(sort, kind.of_type, value)
        case GraphQLInputObjectType(), dict():
            fields = kind.fields.items()
            return max(longest(sort, field.type, value.get(name)) for name, field in fields)
        case _:
            return len(value) if sort is str and isinstance(value, str) else 0
