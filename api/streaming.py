"""One subscription, answered event by event: what WebSocket and server-sent events share."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from graphql import ExecutionResult, OperationType, create_source_event_stream

from api.context import Services
from api.errors import refused
from api.execution import (
    Answer,
    Prepared,
    Question,
    answered,
    billed,
    context_for,
    prepared,
    respond,
    schema_for,
)
from api.tokens import Viewer
from graph.errors import TiegraphError, TooManyRequests

#: Tells whether somebody may still be told; asked again before each event.
StillAllowed = Callable[[], Awaitable[bool]]


class Expired(Exception):
    """The token ended, or what it stood for, while a subscription was open."""


async def stream(
    services: Services,
    question: Question,
    viewer: Viewer,
    correlator: str,
    still_allowed: StillAllowed,
    *,
    is_get: bool = False,
) -> AsyncIterator[Answer]:
    """Yield the answers to a question: one, or for a subscription one for each event.

    Raises
    ------
    Refused
        It is not run: it cannot be, or its asker may not. Or it cannot go on.
    Expired
        The asker may not be told any more.
    """
    ready = prepared(services.settings, question, viewer, is_get=is_get)
    if ready.operation.kind is not OperationType.SUBSCRIPTION:
        yield await respond(services, question, viewer, correlator, is_get=is_get)
        return
    try:
        with services.admission.admitted(viewer):
            async with aclosing(
                _events(services, ready, question, correlator, still_allowed)
            ) as answers:
                async for answer in answers:
                    yield answer
    except TooManyRequests as error:
        raise refused(error) from error


async def _events(
    services: Services,
    ready: Prepared,
    question: Question,
    correlator: str,
    still_allowed: StillAllowed,
) -> AsyncGenerator[Answer, None]:
    context = context_for(services, ready, correlator)
    events: Any = await create_source_event_stream(
        schema_for(ready),
        ready.operation.document,
        context_value=context,
        variable_values=dict(ready.variables),
    )
    if isinstance(events, ExecutionResult):
        yield answered(events, ready, context)
        return
    async with aclosing(events):
        async for event in _until_the_end(events, ready.viewer):
            if not await still_allowed():
                raise Expired
            # What one event has read must not answer the next.
            fresh = context_for(services, ready, correlator)
            yield await billed(ready, fresh, replace(question, key=None), event)


async def _until_the_end(source: AsyncIterator[Any], viewer: Viewer) -> AsyncIterator[Any]:
    """Yield events until the viewer's token ends."""
    while True:
        try:
            async with asyncio.timeout(_seconds_left(viewer)):
                event = await anext(source)
        except TimeoutError as error:
            raise Expired from error
        except StopAsyncIteration:
            return
        except TiegraphError as error:  # of an argument, or of the database
            raise refused(error) from error
        yield event


def _seconds_left(viewer: Viewer) -> float | None:
    if viewer.expires_at is None:
        return None
    return max(0.0, (viewer.expires_at - datetime.now(UTC)).total_seconds())
