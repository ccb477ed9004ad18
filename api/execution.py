"""One question, answered: what HTTP and the command line share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any
from uuid import uuid4

import orjson
from graphql import ExecutionResult, GraphQLSchema, OperationType, execute, type_from_ast
from graphql.execution.values import get_variable_values

from api.access import IDENTITY, denied
from api.audit import noting, tells_of_people
from api.context import RequestContext, Services
from api.cost import BUDGETS
from api.dataloaders import Dataloaders
from api.documents import Operation, operation
from api.errors import BAD_USER_INPUT, Refused, document_refused, failed, http_status, refused
from api.limits import MAX_LIST_LENGTH, MAX_TEXT_LENGTH, longest
from api.metering import metered
from api.owner import billed_fields
from api.plain import PlainContext
from api.reading import RequestReader
from api.schema import SCHEMA
from api.tokens import Viewer
from api.visibility import visible_to
from graph.errors import (
    AuditError,
    BadInput,
    Conflict,
    LedgerError,
    NotAllowed,
    TooCostly,
    TooManyRequests,
)
from graph.settings import Settings

_NEEDS_STREAM = "a subscription needs a WebSocket, or Accept: text/event-stream"


@dataclass(frozen=True)
class Question:
    """What a client asks; ``key`` is its own name for this very request (``api.metering``)."""

    document: str
    variables: Mapping[str, Any]
    operation_name: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a client gets.

    Attributes
    ----------
    body : dict
        GraphQL's response: ``data`` and ``errors``.
    status : int
        The HTTP status that fits.
    operation_name : str
        What was run, for the log; empty for an unnamed operation.
    """

    body: dict[str, Any]
    status: int = 200
    operation_name: str = ""


async def answer(
    services: Services,
    document: str,
    variables: Mapping[str, Any] | None,
    viewer: Viewer,
    operation_name: str | None = None,
) -> dict[str, Any]:
    """Return the GraphQL response to a document, without HTTP.

    A document that cannot be run gives a response with ``errors`` and without ``data``.
    """
    question = Question(document, variables or {}, operation_name)
    try:
        return (await respond(services, question, viewer, uuid4().hex)).body
    except Refused as refusal:
        return {"errors": refusal.problems}


@dataclass(frozen=True)
class Prepared:
    """A question that somebody may ask, ready to be answered.

    Attributes
    ----------
    cost, budget : int
        Most fields that the answer can have, and that the asker's role may ask for.
    """

    operation: Operation
    variables: Mapping[str, Any]
    viewer: Viewer
    cost: int
    budget: int


def prepared(
    settings: Settings, question: Question, viewer: Viewer, *, is_get: bool = False
) -> Prepared:
    """Return how a question is answered; nothing is read for it yet.

    Raises
    ------
    Refused
        It cannot be answered, its asker may not ask it, or the answer could be too large.
    """
    wanted = operation(question.document, question.operation_name, viewer.role, is_get=is_get)
    _check_access(wanted, viewer, is_get=is_get)
    values = _checked_variables(wanted, question.variables)
    cost = wanted.cost.of(values)
    budget = settings.cost_budgets.get(viewer.role, BUDGETS[viewer.role])
    if cost > budget:
        raise refused(TooCostly(cost, budget))
    return Prepared(wanted, question.variables, viewer, cost, budget)


def schema_for(ready: Prepared) -> GraphQLSchema:
    """Return the schema to run a question on: who asks about the schema sees their own part."""
    return visible_to(ready.viewer.role) if ready.operation.asks_for_schema else SCHEMA


async def respond(
    services: Services, question: Question, viewer: Viewer, correlator: str, *, is_get: bool = False
) -> Answer:
    """Answer a question for somebody.

    Raises
    ------
    Refused
        It is not run: it cannot be, its asker may not, or asks too often.
    """
    try:
        with services.admission.admitted(viewer):
            ready = prepared(services.settings, question, viewer, is_get=is_get)
            if ready.operation.kind is OperationType.SUBSCRIPTION:
                raise refused(BadInput(_NEEDS_STREAM))
            context = context_for(services, ready, correlator)
            return await billed(ready, context, question)
    except (TooManyRequests, Conflict, NotAllowed, LedgerError, AuditError) as error:
        raise refused(error) from error


async def billed(
    ready: Prepared, context: RequestContext, question: Question, root: Any = None
) -> Answer:
    """Answer; what a partner learns of anybody else than itself is billed."""
    fields = billed_fields(ready.operation.wanted)
    if not fields or ready.viewer.role != "partner":
        return answered(await executed(ready, context, root), ready, context)
    name = f"graphql/{fields[0]}" if len(fields) == 1 else "graphql"
    content = json.dumps([question.document, dict(question.variables)], sort_keys=True).encode()
    async with metered(
        context.services, ready.viewer, name, key=question.key, content=content
    ) as usage:
        result = await executed(ready, context, root)
        roots = ready.operation.root_fields()
        told = [key for key, value in (result.data or {}).items() if value is not None]
        usage.units = sum(roots[key] in fields for key in told)
        usage.is_answer = usage.units > 0
    return answered(result, ready, context)


def context_for(services: Services, ready: Prepared, correlator: str) -> RequestContext:
    """Return the state that one execution begins with."""
    reader = RequestReader(services.database)
    dataloaders = Dataloaders(reader, services.gatherer, services.settings.max_page_size)
    plans = ready.operation.plans()
    return RequestContext(services, ready.viewer, correlator, reader, dataloaders, plans)


async def executed(ready: Prepared, context: RequestContext, root: Any = None) -> ExecutionResult:
    """Run an operation; ``root`` is the event that a subscription tells."""
    operation, services = ready.operation, context.services
    if tells_of_people(operation.wanted):
        services.audit.require()
    with services.tracing.operation(operation.kind.value, operation.name), noting() as reads:
        result = execute(
            schema_for(ready),
            operation.document,
            root_value=root,
            context_value=context,
            variable_values=dict(ready.variables),
            execution_context_class=PlainContext,
        )
        found = await result if isawaitable(result) else result
    services.audit.add([*reads.accesses(ready.viewer, operation.name, context.correlator)])
    return found


def _check_access(wanted: Operation, viewer: Viewer, *, is_get: bool) -> None:
    if fields := denied(viewer.role, wanted.wanted):
        raise refused(NotAllowed(f"the role {viewer.role} may not ask for {', '.join(fields)}"))
    if is_get and IDENTITY in wanted.wanted:
        # Addresses end up in the logs of every proxy on the way.
        raise refused(BadInput("an identity must not stand in an address: send this by POST"))


def _checked_variables(wanted: Operation, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        orjson.dumps(variables)
    except orjson.JSONEncodeError as error:
        message = "a variable is nested too deeply, or holds half a character, which is no text"
        raise refused(BadInput(message)) from error
    definitions = wanted.definition.variable_definitions or ()
    for definition in definitions:
        name = definition.variable.name.value
        kind = type_from_ast(SCHEMA, definition.type)
        if longest(list, kind, variables.get(name)) > MAX_LIST_LENGTH:
            raise refused(BadInput(f"${name} has a list of more than {MAX_LIST_LENGTH}"))
        if longest(str, kind, variables.get(name)) > MAX_TEXT_LENGTH:
            raise refused(BadInput(f"${name} has a text of more than {MAX_TEXT_LENGTH} characters"))
    values = get_variable_values(SCHEMA, definitions, dict(variables))
    if isinstance(values, list):
        raise document_refused(BAD_USER_INPUT, values)
    return values


def answered(result: ExecutionResult, ready: Prepared, context: RequestContext) -> Answer:
    """Return what a client gets of a result: its errors in words, and the status that fits."""
    errors = result.errors or []
    body: dict[str, Any] = {"data": result.data}
    if errors:
        log = context.services.log
        body["errors"] = [failed(error, context.correlator, log) for error in errors]
        worst = max(map(http_status, errors))
        has_data = result.data is not None and any(v is not None for v in result.data.values())
        if result.data is None or (worst >= 500 and not has_data):
            # Without any data this is a failed request, which its status must tell.
            return Answer({"errors": body["errors"]}, worst, ready.operation.name)
    body["extensions"] = {"cost": {"most": ready.cost, "budget": ready.budget}}
    return Answer(body, operation_name=ready.operation.name)
