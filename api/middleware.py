"""What every answer carries and every request leaves in the log."""

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

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


class Envelope:
    """Gives every request a correlator, every answer its headers, and writes the access log.

    The log has neither documents nor variables, addresses of callers, identities or tokens; the
    path only where something answers there, because a wrong one may hold anything. A client that
    leaves before it has asked everything is a disconnect, without a status.
    """

    def __init__(self, app: ASGIApp, log: FilteringBoundLogger) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.perf_counter()
        state = scope.setdefault("state", {})
        correlator = state["correlator"] = _correlator(Headers(scope=scope))
        status: int | None = None

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                headers["x-correlator"] = correlator
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        finally:
            operation = state.get("operation", "")
            is_gone = status is None and state.get("is_gone", False)
            if status is None and not is_gone:
                status = 500
            self._log.info(
                "disconnect" if is_gone else "request",
                method=scope["method"],
                path=None if status == 404 else scope["path"],
                status=status,
                duration_ms=round((time.perf_counter() - started_s) * 1000, 1),
                operation=operation if _NAME.fullmatch(operation) else None,
                correlator=correlator,
                role=state.get("role"),
            )


def _correlator(headers: Headers) -> str:
    given = headers.get("x-correlator", "")
    return given if _CORRELATOR.fullmatch(given) else uuid4().hex
