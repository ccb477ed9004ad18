"""``POST /partners``: a third party signs up, and waits until it is approved.

Whoever knows the address may do so; all that it brings is a place in a short queue.
"""

from typing import Any

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.context import Services
from api.errors import Refused, refused
from api.partner_entry import enter
from api.question import refusal
from graph.errors import TiegraphError

_MOST_BYTES = 32_768


class SignUp:
    """Answers those who want to be partners."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        """Return where it answers: nowhere, if tokens come from another issuer."""
        if self._services.settings.token_issuer_url:
            return []
        return [Route("/partners", self.sign_up, methods=["POST"])]

    async def sign_up(self, request: Request) -> Response:
        """Write a partner down, and tell its secret, once."""
        try:
            given = _members(await _body(request))
            secret = await run_sync(
                enter, self._services.settings, given["id"], given["name"], given.get("keys")
            )
        except TiegraphError as error:
            return _refused(refused(error))
        except Refused as found:
            return _refused(found)
        state = "active" if self._services.settings.is_lab else "pending"
        told = {"id": given["id"], "state": state} | ({"secret": secret} if secret else {})
        return JSONResponse(told, 201, {"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise refusal(413, f"the request is longer than {_MOST_BYTES} bytes")
    return bytes(body)


def _members(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refusal(400, "the request is not JSON") from error
    match given:
        case {"id": str(), "name": str()}:
            return dict(given)
        case _:
            raise refusal(400, "send an object with id, name and, if you have them, keys")


def _refused(refusal: Refused) -> Response:
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return JSONResponse({"errors": refusal.problems}, refusal.status, headers)
