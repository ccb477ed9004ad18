"""Documents: parsed, validated, judged and estimated once for each text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    separate_operations,
    validate,
)

from api.coordinates import coordinates
from api.cost import Estimate, estimate
from api.errors import (
    PARSE_FAILED,
    VALIDATION_FAILED,
    Refused,
    document_refused,
    problem,
)
from api.limits import (
    MAX_DEPTH,
    MAX_DOCUMENT_LENGTH,
    MAX_TOKENS,
    MAX_VALIDATION_ERRORS,
    depth,
    excess,
    introspections,
)
from api.plain import Plans
from api.schema import SCHEMA
from api.visibility import visible_to
from graph.settings import Role

_KEPT_DOCUMENTS = 256
_ABORTED = "Validation aborted."  # what graphql-core says when comparing fields takes too long


@dataclass(frozen=True)
class Operation:
    """One operation of a document, ready to be run.

    Attributes
    ----------
    name : str
        Its name; empty for an unnamed one.
    document : DocumentNode
        The operation with the fragments that it uses, and nothing else.
    wanted : frozenset of str
        What it asks for (``api.access``).
    cost : Estimate
        What its answer may cost (``api.cost``).
    asks_for_schema : bool
        Whether it asks what the schema has.
    has_directives : bool
        Whether the text may have directives, such as ``@include``.
    """

    name: str
    kind: OperationType
    document: DocumentNode
    definition: OperationDefinitionNode
    wanted: frozenset[str]
    cost: Estimate
    asks_for_schema: bool
    has_directives: bool
    _plans: Plans = field(default_factory=dict, compare=False, repr=False)

    def plans(self) -> Plans:
        """Return what is kept of how its fields are executed, from one time to the next.

        Directives leave fields out, depending on variables; then nothing is kept.
        """
        return {} if self.has_directives else self._plans

    def root_fields(self) -> dict[str, str]:
        """Return which fields the root of an answer has, by their keys there."""
        return dict(_root_fields(self.document, self.definition.selection_set))


class _NotValid(Exception):
    """A document does not fit the schema."""


def operation(text: str, name: str | None, role: Role, *, is_get: bool) -> Operation:
    """Return the operation that a request means; ``role`` decides which names an error may tell.

    Raises
    ------
    Refused
        The document cannot be parsed or is not valid, holds too much, or has no such operation;
        or it would change something by a GET.
    """
    if is_get and _changes_something(_parsed(text)):
        refusal = problem(VALIDATION_FAILED, "only a query may be sent by GET")
        raise Refused(405, [refusal], {"Allow": "POST"})
    found = operations(text, role)
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None or name not in found:
        message = "operationName must be the name of one of the document's operations"
        raise Refused(400, [problem(VALIDATION_FAILED, message)], is_about_document=True)
    return found[name]


def operations(text: str, role: Role) -> Mapping[str, Operation]:
    """Return all operations of a document by their names; ``role`` is as above.

    Raises
    ------
    Refused
        The document cannot be parsed or is not valid, or holds too much.
    """
    document = _parsed(text)
    try:
        found = _operations(text)
    except _NotValid as error:
        raise _not_valid(document, role) from error
    for one in found.values():
        if SCHEMA.get_root_type(one.kind) is None:
            refusal = problem(VALIDATION_FAILED, f"there is no {one.kind.value} here")
            raise Refused(400, [refusal], is_about_document=True)
    return found


@lru_cache(_KEPT_DOCUMENTS)
def _parsed(text: str) -> DocumentNode:
    if len(text) > MAX_DOCUMENT_LENGTH:
        raise _too_much(PARSE_FAILED, f"is longer than {MAX_DOCUMENT_LENGTH} characters")
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        too_much = excess(document)
    except GraphQLSyntaxError as error:
        raise document_refused(PARSE_FAILED, [error]) from error
    except RecursionError as error:
        raise _too_much(PARSE_FAILED, "is nested too deeply") from error
    if too_much:
        raise _too_much(VALIDATION_FAILED, too_much)
    return document


@lru_cache(_KEPT_DOCUMENTS)
def _operations(text: str) -> Mapping[str, Operation]:
    document = _parsed(text)
    try:
        if validate(SCHEMA, document, max_errors=1):
            raise _NotValid
        if depth(document) > MAX_DEPTH:
            raise RecursionError
        parts = separate_operations(document).items()
        return {name: _operation(name, part, "@" in text) for name, part in parts}
    except RecursionError as error:
        raise _too_much(VALIDATION_FAILED, f"has fields more than {MAX_DEPTH} deep") from error


def _not_valid(document: DocumentNode, role: Role) -> Refused:
    """Return why, as far as the role may know: names that it may not ask for do not help it."""
    errors = validate(visible_to(role), document, max_errors=MAX_VALIDATION_ERRORS)
    if any(error.message == _ABORTED for error in errors):
        return _too_much(VALIDATION_FAILED, "selects one field too often to be checked")
    # A kind of operation that the role does not know has no errors inside.
    return document_refused(VALIDATION_FAILED, errors or [GraphQLError("There is no such field.")])


def _operation(name: str, document: DocumentNode, has_directives: bool) -> Operation:
    definition = next(_definitions(document))
    fragments = {
        part.name.value: part
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    cost = estimate(SCHEMA, definition, fragments)
    if cost is None:
        raise _too_much(VALIDATION_FAILED, "has too many variables that say sizes")
    wanted = coordinates(SCHEMA, document)
    asks = bool(introspections(document))
    return Operation(
        name, definition.operation, document, definition, wanted, cost, asks, has_directives
    )


def _root_fields(document: DocumentNode, selections: SelectionSetNode) -> Iterator[tuple[str, str]]:
    fragments = {
        part.name.value: part.selection_set
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    for selection in selections.selections:
        match selection:
            case FieldNode():
                yield (selection.alias or selection.name).value, selection.name.value
            case FragmentSpreadNode():
                yield from _root_fields(document, fragments[selection.name.value])
            case InlineFragmentNode():
                yield from _root_fields(document, selection.selection_set)
            case _:
                pass


def _definitions(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield definition


def _changes_something(document: DocumentNode) -> bool:
    kinds = {definition.operation for definition in _definitions(document)}
    return OperationType.MUTATION in kinds


def _too_much(code: str, what: str) -> Refused:
    return document_refused(code, [GraphQLError(f"The document {what}.")])
