"""What every answer carries and every request leaves in the log."""

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import Services

_CORRELATOR = re.compile(r"[A-Za-z0-9_:;./<>{}-]{1,256}")  # as CAMARA's x-correlator
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_OURS = {b"x-correlator", *dict(_SECURITY)}


class Envelope:
    """Gives every request a correlator, every answer its headers, and tells log and metrics.

    The log has neither documents nor variables, addresses of callers, identities or tokens; the
    path only where something answers there, because a wrong one may hold anything. A client that
    leaves before it has asked everything is a disconnect, without a status.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.perf_counter()
        state = scope.setdefault("state", {})
        headers = Headers(scope=scope)
        correlator = state["correlator"] = _correlator(headers)
        status: int | None = None

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (b"x-correlator", correlator.encode())
                given = (header for header in message["headers"] if header[0] not in _OURS)
                message["headers"] = [*given, *_SECURITY, own]
            await send(message)

        try:
            with self._services.tracing.request(scope["method"], headers):
                await self._app(scope, receive, send_marked)
        finally:
            self._tell(scope, status, time.perf_counter() - started_s)

    def _tell(self, scope: Scope, status: int | None, duration_s: float) -> None:
        state = scope["state"]
        is_gone = status is None and state.get("is_gone", False)
        if status is None and not is_gone:
            status = 500
        given = state.get("operation", "")
        operation = given if _NAME.fullmatch(given) else ""
        self._services.metrics.request(scope["path"], operation, status or 0, duration_s)
        self._services.log.info(
            "disconnect" if is_gone else "request",
            method=scope["method"],
            path=None if status == 404 else scope["path"],
            status=status,
            duration_ms=round(duration_s * 1000, 1),
            operation=operation or None,
            correlator=state["correlator"],
            role=state.get("role"),
        )


def _correlator(headers: Headers) -> str:
    given = headers.get("x-correlator")
    return given if given and _CORRELATOR.fullmatch(given) else uuid4().hex
