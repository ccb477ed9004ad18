"""Documents: parsed, validated and judged once for each text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    separate_operations,
    validate,
)

from api.access import coordinates
from api.errors import (
    PARSE_FAILED,
    VALIDATION_FAILED,
    Refused,
    document_refused,
    problem,
)
from api.limits import MAX_DEPTH, MAX_DOCUMENT_LENGTH, MAX_TOKENS, MAX_VALIDATION_ERRORS, depth
from api.schema import SCHEMA

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
    """

    name: str
    kind: OperationType
    document: DocumentNode
    definition: OperationDefinitionNode
    wanted: frozenset[str]


def operation(text: str, name: str | None, *, is_get: bool) -> Operation:
    """Return the operation that a request means.

    Raises
    ------
    Refused
        The document cannot be parsed or is not valid, holds too much, or has no such operation;
        or it would change something by a GET.
    """
    document = _parsed(text)
    if is_get and _changes_something(document):
        refusal = problem(VALIDATION_FAILED, "only a query may be sent by GET")
        raise Refused(405, [refusal], {"Allow": "POST"})
    operations = _operations(text)
    for found in operations.values():
        if SCHEMA.get_root_type(found.kind) is None:
            refusal = problem(VALIDATION_FAILED, f"there is no {found.kind.value} here")
            raise Refused(400, [refusal], is_about_document=True)
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name is None or name not in operations:
        message = "operationName must be the name of one of the document's operations"
        raise Refused(400, [problem(VALIDATION_FAILED, message)], is_about_document=True)
    return operations[name]


@lru_cache(_KEPT_DOCUMENTS)
def _parsed(text: str) -> DocumentNode:
    if len(text) > MAX_DOCUMENT_LENGTH:
        raise _too_much(PARSE_FAILED, f"is longer than {MAX_DOCUMENT_LENGTH} characters")
    try:
        return parse(text, max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        raise document_refused(PARSE_FAILED, [error]) from error
    except RecursionError as error:
        raise _too_much(PARSE_FAILED, "is nested too deeply") from error


@lru_cache(_KEPT_DOCUMENTS)
def _operations(text: str) -> Mapping[str, Operation]:
    document = _parsed(text)
    try:
        errors = validate(SCHEMA, document, max_errors=MAX_VALIDATION_ERRORS)
        if any(error.message == _ABORTED for error in errors):
            raise _too_much(VALIDATION_FAILED, "selects one field too often to be checked")
        if errors:
            raise document_refused(VALIDATION_FAILED, errors)
        is_too_deep = depth(document) > MAX_DEPTH
        operations = separate_operations(document)
    except RecursionError:
        is_too_deep, operations = True, {}
    if is_too_deep:
        raise _too_much(VALIDATION_FAILED, f"has fields more than {MAX_DEPTH} deep")
    return {name: _operation(SCHEMA, name, part) for name, part in operations.items()}


def _operation(schema: GraphQLSchema, name: str, document: DocumentNode) -> Operation:
    definition = next(_definitions(document))
    wanted = coordinates(schema, document)
    return Operation(name, definition.operation, document, definition, wanted)


def _definitions(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield definition


def _changes_something(document: DocumentNode) -> bool:
    kinds = {definition.operation for definition in _definitions(document)}
    return OperationType.MUTATION in kinds


def _too_much(code: str, what: str) -> Refused:
    return document_refused(code, [GraphQLError(f"The document {what}.")])
