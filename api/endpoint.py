"""GraphQL over HTTP: one address, POST and GET, JSON in and out.

Follows the draft specification "GraphQL over HTTP". Where it and the ``graphql-http`` audit differ,
the audit is followed: a document that is not valid gets 400, or 200 from a client that only knows
``application/json``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from api.authentication import viewer_of
from api.context import Services
from api.entity_tag import tagged
from api.errors import INTERNAL, Refused, log_internal, problem
from api.event_stream import EVENT_STREAM, event_stream
from api.execution import Answer, respond
from api.limits import MAX_BODY_BYTES
from api.media import preferred
from api.metering import key_of
from api.question import question_of, refusal
from api.web import GRAPHIQL_PAGE

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"
_ANSWERS = (JSON, GRAPHQL_JSON, EVENT_STREAM)
_ASKING = {"query", "documentId", "extensions"}  # what a GET asks by; others want the page


class GraphQLEndpoint:
    """The ASGI application at ``/graphql``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it is like."""
        request = Request(scope, receive)
        state = scope.setdefault("state", {})
        correlator = state["correlator"] = state.get("correlator") or uuid4().hex
        try:
            response = await self._response(request, correlator)
        except ClientDisconnect:
            request.state.is_gone = True  # nobody is there to be answered
            return
        except Exception as error:  # the last resort: answer, and log without text
            log_internal(error, correlator, self._services.log)
            found = problem(INTERNAL, "this failed inside; the log has it under the correlator")
            response = _json({"errors": [found]}, 500, JSON)
        await response(scope, receive, send)

    async def _response(self, request: Request, correlator: str) -> Response:
        is_page = request.method == "GET" and not _ASKING & set(request.query_params)
        offers = (*_ANSWERS, HTML) if is_page else _ANSWERS
        media_type = preferred(request.headers.get("accept"), offers)
        if media_type == HTML:
            return FileResponse(GRAPHIQL_PAGE)
        try:
            answer = await self._answer(request, media_type, correlator)
        except Refused as refused:
            is_old_client = media_type not in (GRAPHQL_JSON, EVENT_STREAM)
            status = 200 if refused.is_about_document and is_old_client else refused.status
            body = {"errors": refused.problems}
            self._services.metrics.errors(refused.problems)
            shown = JSON if media_type in (None, EVENT_STREAM) else media_type
            return _json(body, status, shown, refused.headers)
        if isinstance(answer, Response):
            return answer
        request.state.operation = answer.operation_name
        self._services.metrics.errors(answer.body.get("errors", ()))
        response = _json(answer.body, answer.status, media_type or JSON)
        return tagged(response, request) if _stays(request, answer) else response

    async def _answer(
        self, request: Request, media_type: str | None, correlator: str
    ) -> Answer | Response:
        if request.method not in ("GET", "POST"):
            raise refusal(405, "only GET and POST are understood here", {"Allow": "GET, POST"})
        if media_type is None:
            raise refusal(406, f"only {GRAPHQL_JSON} and {JSON} can be answered")
        viewer = await viewer_of(self._services, request)
        request.state.role = viewer.role
        is_get = request.method == "GET"
        members = _asked_by_get(request) if is_get else await _asked_by_post(request)
        asked = question_of(members, self._services.trusted, viewer.role)
        question = replace(asked, key=key_of(request))
        if media_type == EVENT_STREAM:
            return await event_stream(self._services, question, viewer, correlator, is_get=is_get)
        return await respond(self._services, question, viewer, correlator, is_get=is_get)


def _stays(request: Request, answer: Answer) -> bool:
    """Tell whether a client may keep an answer, to ask later whether it is still the same."""
    return request.method == "GET" and answer.status == 200 and "errors" not in answer.body


def _asked_by_get(request: Request) -> Mapping[str, Any]:
    members: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = _parsed(members[name].encode(), name)
    return members


async def _asked_by_post(request: Request) -> Mapping[str, Any]:
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if content_type.strip().lower() != JSON or charset not in ("", "charset=utf-8"):
        raise refusal(415, f"send {JSON} in UTF-8")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise refusal(413, f"the request is longer than {MAX_BODY_BYTES} bytes")
    members = _parsed(bytes(body), "the request")
    if not isinstance(members, dict):
        raise refusal(400, "the request must be one JSON object; batches are not understood")
    return members


def _parsed(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise refusal(400, f"{what} is not JSON") from error


def _json(
    body: Mapping[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(body),
        status,
        {"Cache-Control": "no-store", "Vary": "Accept, Authorization", **(headers or {})},
        f"{media_type}; charset=utf-8",
    )
