"""Every answer to a partner has one usage record: reserved before it leaves, answered after it.

::

    async with metered(services, viewer, "location/retrieve", key=key) as usage:
        answer = …          # an error leaves no record
        usage.units = 12    # where something else than the call is counted

What `metered` reserved, ``Handover`` marks as answered when the answer of the HTTP request has
been handed over. Without an HTTP request around it, that is done at the end of the block.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.context import Services
from api.errors import refused
from api.tokens import Viewer
from graph.errors import BadInput
from graph.metering.quota import UNLIMITED, Quota
from graph.metering.record import Call
from graph.partner.partner import active

KEY_HEADER = "idempotency-key"
_MOST_KEY_LENGTH = 256

_RESERVED: ContextVar[list[str] | None] = ContextVar("reserved", default=None)


@dataclass
class Metered:
    """What an answer is billed for; change it before the block ends.

    Attributes
    ----------
    units : int
        What the operation counts.
    contacts : int, optional
        Contacts that were delivered, where that is what it counts.
    is_answer : bool
        Whether it is an answer at all; an error is none, and has no record.
    """

    units: int
    contacts: int | None = None
    is_answer: bool = True


_CURRENT: ContextVar[Metered | None] = ContextVar("metered", default=None)


def delivered(contacts: int) -> None:
    """Say that what is being answered delivers so many contacts, which are billed instead."""
    if usage := _CURRENT.get():
        usage.contacts = (usage.contacts or 0) + contacts


def key_of(request: Request) -> str | None:
    """Return the header ``Idempotency-Key``: the caller's name for this very request.

    Raises
    ------
    Refused
        It is longer than 256 characters.
    """
    key = request.headers.get(KEY_HEADER)
    if key and len(key) > _MOST_KEY_LENGTH:
        raise refused(BadInput(f"Idempotency-Key has more than {_MOST_KEY_LENGTH} characters"))
    return key or None


@asynccontextmanager
async def metered(
    services: Services,
    viewer: Viewer,
    operation: str,
    units: int = 1,
    key: str | None = None,
    content: bytes = b"",
) -> AsyncIterator[Metered]:
    """Give the answer that the block prepares a usage record, if it is a partner's.

    Parameters
    ----------
    operation : str
        Our name for what is called, as plans have it; nothing that a caller wrote.
    units : int
        What it counts: 1 for a call.
    key : str, optional
        The partner's name for this very call; the same again is not billed again.
    content : bytes
        What is asked, so that a key is not another call's.

    Raises
    ------
    NotAllowed
        The partner is suspended, or was not approved yet.
    TooManyRequests
        The partner's quota is spent.
    Conflict
        The key was another call's, or is too old, or was used too often.
    """
    usage = Metered(units)
    if viewer.role != "partner":
        yield usage
        return
    call = Call(viewer.subject, operation, key or uuid4().hex, content)
    quota = await run_sync(_foreseen, services, call)
    token = _CURRENT.set(usage)
    try:
        yield usage
    finally:
        _CURRENT.reset(token)
    if not usage.is_answer:
        return
    units = usage.units if usage.contacts is None else usage.contacts
    # What was delivered is billed even if the quota was spent in this very moment.
    within = quota if usage.contacts is None else UNLIMITED
    reservation = await run_sync(services.meter.reserve, call, units, within)
    reserved = _RESERVED.get()
    if reserved is None:
        await run_sync(services.meter.answered, [reservation.record_id])
    else:
        reserved.append(reservation.record_id)


def _foreseen(services: Services, call: Call) -> Quota:
    """Return the quota of whoever calls, if it may call at all."""
    partner = services.partners.find(call.partner)
    # Whoever has a token and is not in the registry was let in by the operator's own hand.
    quota = active(partner).quota if partner else UNLIMITED
    services.meter.foresee(call, quota)
    return quota


class Handover:
    """Marks what a request reserved as answered, once its answer has been handed over."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reserved: list[str] = []
        token = _RESERVED.set(reserved)
        try:
            await self._app(scope, receive, send)
        finally:
            _RESERVED.reset(token)
            if reserved:
                with CancelScope(shield=True):
                    await run_sync(self._services.meter.answered, reserved)


@asynccontextmanager
async def settled(services: Services) -> AsyncIterator[None]:
    """Settle what a former process left reserved, and let the file go at the end."""
    if services.settings.usage_file.is_file():
        await run_sync(services.meter.presume)
    await run_sync(services.deliveries.bill, services.meter)
    yield
    files = (services.meter, services.partners, services.book, services.disputes)
    sinks = services.outbox, services.density_orders, services.geofences
    for file in (*files, *sinks, services.consent_requests, services.deliveries):
        file.let_go()
