"""Subscriptions over WebSocket: the protocol ``graphql-transport-ws`` of the package graphql-ws.

A connection shows who it is once, by ``connection_init``; each operation is judged for itself.
Close code 4403 means: come again with another token.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.authentication import is_still_allowed, viewer_by
from api.context import Services
from api.errors import INTERNAL, Refused, log_internal, problem
from api.limits import MAX_BODY_BYTES
from api.question import question_of
from api.streaming import Expired, stream
from api.tokens import Viewer

SUBPROTOCOL = "graphql-transport-ws"
MOST_OPERATIONS = 50  # at once, of one connection
INIT_WITHIN_S = 5.0
SEND_WITHIN_S = 30.0  # then nobody is reading any more

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
BAD_SUBPROTOCOL, INIT_TIMEOUT, SAME_ID, INIT_TWICE = 4406, 4408, 4409, 4429
POLICY, RESTART = 1008, 1012

Message = Mapping[str, Any]


class Closed(Exception):
    """The connection is to be closed.

    Attributes
    ----------
    code : int
        The WebSocket close code.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class GraphQLSocket:
    """The endpoint; one ``_Connection`` a client."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def serve(self, socket: WebSocket) -> None:
        """Serve one client until either side closes."""
        if not _is_own_page(socket):
            await socket.close(POLICY)  # before it is accepted: the answer is 403
            return
        if SUBPROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(BAD_SUBPROTOCOL, "Subprotocol not acceptable")
            return
        await socket.accept(SUBPROTOCOL)
        connection = _Connection(self._services, socket)
        with suppress(WebSocketDisconnect, RuntimeError):
            try:
                await connection.serve()
            except Closed as closed:
                await socket.close(closed.code, str(closed))


class _Connection:
    def __init__(self, services: Services, socket: WebSocket) -> None:
        self._services = services
        self._socket = socket
        self._viewer: Viewer | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._end: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        listening = asyncio.ensure_future(self._listen())
        closing = asyncio.ensure_future(self._services.closing.wait())
        try:
            await asyncio.wait((listening, closing, self._end), return_when=asyncio.FIRST_COMPLETED)
            if self._end.done():
                raise self._end.result()
            if closing.done():
                raise Closed(RESTART, "Service restart")
            await listening
        finally:
            await _ended([listening, closing, *self._operations.values()])

    async def _listen(self) -> None:
        while True:
            match await self._received():
                case {"type": "connection_init", **rest}:
                    await self._greet(rest.get("payload"))
                case {"type": "ping", **rest}:
                    await self._send({"type": "pong", **_payload(rest)})
                case {"type": "pong"}:
                    pass
                case {"type": "subscribe", "id": str(name), "payload": dict(payload)} if name:
                    self._start(name, payload)
                case {"type": "complete", "id": str(name)}:
                    if task := self._operations.pop(name, None):
                        task.cancel()
                case _:
                    raise Closed(BAD_REQUEST, "Invalid message")

    async def _received(self) -> Message:
        patience_s = None if self._viewer else INIT_WITHIN_S
        try:
            async with asyncio.timeout(patience_s):
                text = await self._socket.receive_text()
        except TimeoutError as error:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from error
        except KeyError as error:  # bytes, which the protocol does not have
            raise Closed(BAD_REQUEST, "Invalid message") from error
        if len(text) > MAX_BODY_BYTES:
            raise Closed(BAD_REQUEST, "Message too long")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Closed(BAD_REQUEST, "Invalid message") from error
        if not isinstance(message, dict):
            raise Closed(BAD_REQUEST, "Invalid message")
        return message

    async def _greet(self, payload: Any) -> None:
        if self._viewer:
            raise Closed(INIT_TWICE, "Too many initialisation requests")
        try:
            self._viewer = await viewer_by(self._services, self._authorization(payload))
        except Refused as refusal:
            raise Closed(FORBIDDEN, "Forbidden") from refusal
        await self._send({"type": "connection_ack"})

    def _authorization(self, payload: Any) -> str | None:
        """Return the header's text; browsers cannot send it, so it may stand in the message."""
        named = {k.lower(): v for k, v in payload.items()} if isinstance(payload, dict) else {}
        given = named.get("authorization", self._socket.headers.get("authorization"))
        return given if isinstance(given, str) else None

    def _start(self, name: str, payload: Message) -> None:
        if self._viewer is None:
            raise Closed(UNAUTHORIZED, "Unauthorized")
        if name in self._operations:
            raise Closed(SAME_ID, f"Subscriber for {name[:60]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            raise Closed(BAD_REQUEST, f"More than {MOST_OPERATIONS} operations at once")
        self._operations[name] = asyncio.create_task(self._run(name, payload, self._viewer))

    async def _run(self, name: str, payload: Message, viewer: Viewer) -> None:
        correlator = uuid4().hex
        try:
            with self._services.metrics.subscription("websocket"):
                await self._answer(name, payload, viewer, correlator)
        except (Closed, Expired) as closed:
            end = closed if isinstance(closed, Closed) else Closed(FORBIDDEN, "Token expired")
            if not self._end.done():
                self._end.set_result(end)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the other side has gone; whoever listens finds out
        finally:
            if self._operations.get(name) is asyncio.current_task():
                del self._operations[name]

    async def _answer(self, name: str, payload: Message, viewer: Viewer, correlator: str) -> None:
        services = self._services
        try:
            answers = stream(
                services,
                question_of(payload, services.trusted, viewer.role),
                viewer,
                correlator,
                lambda: is_still_allowed(services, viewer),
            )
            async for answer in answers:
                services.metrics.errors(answer.body.get("errors", ()))
                await self._send({"type": "next", "id": name, "payload": answer.body})
            await self._send({"type": "complete", "id": name})
        except Refused as refusal:
            services.metrics.errors(refusal.problems)
            await self._send({"type": "error", "id": name, "payload": refusal.problems})
        except (Closed, Expired, WebSocketDisconnect, RuntimeError):
            raise
        except Exception as error:  # the last resort: answer, and log without text
            log_internal(error, correlator, services.log)
            found = problem(INTERNAL, "this failed inside; the log has it under the correlator")
            found["extensions"]["correlator"] = correlator
            await self._send({"type": "error", "id": name, "payload": [found]})

    async def _send(self, message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN_S), self._sending:
                await self._socket.send_text(orjson.dumps(message).decode())
        except TimeoutError as error:
            raise Closed(POLICY, "Too slow") from error


async def _ended(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # whoever waited for it has been told


def _payload(rest: Message) -> Message:
    return {"payload": rest["payload"]} if "payload" in rest else {}


def _is_own_page(socket: WebSocket) -> bool:
    """Tell whether no other site's page opened this: browsers send tokens for nobody else."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
