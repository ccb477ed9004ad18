"""What goes wrong, in the words that a client gets: a code, a sentence, and nothing from inside."""

import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, ValueNode, VariableDefinitionNode, print_ast
from structlog.typing import FilteringBoundLogger

from graph.errors import BadInput, TiegraphError, TooCostly, TooManyRequests

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
NOT_PERSISTED = "PERSISTED_QUERY_NOT_FOUND"  # Apollo's codes, which clients know
NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"
BAD_USER_INPUT = "BAD_USER_INPUT"  # what GraphQL's clients know INVALID_ARGUMENT as
INTERNAL = "INTERNAL"

Problem = dict[str, Any]


class Refused(Exception):
    """A request is answered without being run.

    Attributes
    ----------
    status : int
        The HTTP status.
    problems : list of Problem
        What is wrong, as GraphQL's ``errors``.
    headers : Mapping[str, str]
        What the status asks for beside.
    is_about_document : bool
        The HTTP request is fine, its document or variables are not: clients from before
        ``application/graphql-response+json`` expect status 200 then.
    """

    def __init__(
        self,
        status: int,
        problems: Sequence[Problem],
        headers: Mapping[str, str] | None = None,
        *,
        is_about_document: bool = False,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.problems = list(problems)
        self.headers = headers or {}
        self.is_about_document = is_about_document


def problem(code: str, message: str, error: GraphQLError | None = None) -> Problem:
    """Return one of GraphQL's ``errors``; where and on which path, an error of GraphQL knows."""
    found: Problem = {"message": message}
    if error and error.locations:
        found["locations"] = [place.formatted for place in error.locations]
    if error and error.path:
        found["path"] = error.path
    found["extensions"] = {"code": code}
    return found


def refused(error: TiegraphError, headers: Mapping[str, str] | None = None) -> Refused:
    """Return the refusal that an error of ours means."""
    found = problem(_code(error), str(error))
    more = dict(headers or {})
    match error:
        case TooCostly():
            found["extensions"] |= {"cost": error.cost, "budget": error.budget}
        case TooManyRequests():
            found["extensions"]["retryAfter"] = error.retry_after_s
            more["Retry-After"] = str(error.retry_after_s)
        case _:
            pass
    return Refused(error.http_status, [found], more)


def document_refused(code: str, errors: Sequence[GraphQLError]) -> Refused:
    """Return the refusal of a document, without the values that its author wrote into it.

    They may be somebody's number: ``subscriber(identity: 4512345678)`` lacks the quotes.
    """
    problems = [problem(code, _without_values(error), error) for error in errors]
    return Refused(400, problems, is_about_document=True)


def failed(error: GraphQLError, correlator: str, log: FilteringBoundLogger) -> Problem:
    """Return what a client may know of an error that came up while a request ran."""
    cause = error.original_error
    if isinstance(cause, TiegraphError):
        return problem(_code(cause), str(cause), error)
    log_internal(cause or error, correlator, log)
    found = problem(INTERNAL, "this failed inside; the log has it under the correlator", error)
    found["extensions"]["correlator"] = correlator
    return found


def http_status(error: GraphQLError) -> int:
    """Return the HTTP status of an answer that holds nothing but this error."""
    cause = error.original_error
    return cause.http_status if isinstance(cause, TiegraphError) else 500


def log_internal(error: Exception, correlator: str, log: FilteringBoundLogger) -> None:
    """Write down where an error came up; not its text, which may quote what was asked for."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    log.error(
        "internal error",
        error=type(error).__name__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        correlator=correlator,
    )


def _code(error: TiegraphError) -> str:
    return BAD_USER_INPUT if error.code == BadInput.code else error.code


def _without_values(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return re.sub(r"((?:Int|Float|String|BlockString) )['\"].*", r"\1…", error.message)
    message = error.message
    for node in error.nodes or ():
        if isinstance(node, VariableDefinitionNode) and "got invalid value" in message:
            return f"Variable '${node.variable.name.value}' is not a valid {print_ast(node.type)}."
        if isinstance(node, ValueNode):
            message = message.replace(print_ast(node), "…")
    return message
