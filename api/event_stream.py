"""Subscriptions over HTTP: GraphQL over server-sent events, in distinct connections mode.

One request is one operation. Lines that say nothing are sent while nothing happens, so that
proxies keep the connection and a reader who has gone is noticed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
from starlette.responses import StreamingResponse

from api.authentication import is_still_allowed
from api.context import Services
from api.errors import INTERNAL, Problem, Refused, log_internal, problem
from api.execution import Answer, Question
from api.streaming import Expired, stream
from api.tokens import Viewer

EVENT_STREAM = "text/event-stream"
_SILENCE_S = 12.0
_SAY_NOTHING = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"


async def event_stream(
    services: Services,
    question: Question,
    viewer: Viewer,
    correlator: str,
    *,
    is_get: bool = False,
) -> StreamingResponse:
    """Return the response that tells answers as they come.

    It ends without ``complete`` where the token ends or the service goes down: the reader comes
    again, with a new token and, for problems, the instant of the last event.

    Raises
    ------
    Refused
        It is not run: it cannot be, or its asker may not.
    """
    answers = stream(
        services,
        question,
        viewer,
        correlator,
        lambda: is_still_allowed(services, viewer),
        is_get=is_get,
    )
    first = asyncio.ensure_future(anext(answers))
    # What is refused is refused at once, with the status that fits; an event may take its time.
    await asyncio.wait((first,), timeout=0.05)
    if first.done() and first.exception():
        first.result()
    told = _told(services, answers, first, correlator)
    return StreamingResponse(told, headers={"Cache-Control": "no-store"}, media_type=EVENT_STREAM)


async def _told(
    services: Services, answers: Any, upcoming: "asyncio.Future[Answer]", correlator: str
) -> AsyncIterator[bytes]:
    closing = asyncio.ensure_future(services.closing.wait())
    try:
        with services.metrics.subscription("event stream"):
            yield _SAY_NOTHING
            while True:
                await asyncio.wait(
                    (upcoming, closing), timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED
                )
                if closing.done():
                    return
                if not upcoming.done():
                    yield _SAY_NOTHING
                    continue
                body = upcoming.result().body
                services.metrics.errors(body.get("errors", ()))
                yield _next(body)
                upcoming = asyncio.ensure_future(anext(answers))
    except StopAsyncIteration:
        yield _COMPLETE
    except Expired:
        return
    except Refused as refusal:
        yield _last(refusal.problems)
    except Exception as error:  # the last resort: tell, and log without text
        log_internal(error, correlator, services.log)
        found = problem(INTERNAL, "this failed inside; the log has it under the correlator")
        yield _last([found])
    finally:
        upcoming.cancel()
        closing.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration, Exception):
            await upcoming
        await answers.aclose()


def _next(body: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(body) + b"\n\n"


def _last(problems: Sequence[Problem]) -> bytes:
    return _next({"errors": problems}) + _COMPLETE
