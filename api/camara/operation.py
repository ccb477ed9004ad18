"""One operation of one API: who may call it, what comes in, and how it is answered.

Whatever is answered passes here once: admission, metering, errors and the audit of who asked are
the same for all operations.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.audit import noting
from api.authentication import viewer_of
from api.camara.errors import CamaraError, denied, invalid, of_ours, of_refusal
from api.context import Services
from api.errors import INTERNAL, Refused, log_internal
from api.limits import MAX_BODY_BYTES
from api.metering import key_of, metered
from api.reading import RequestReader
from api.tokens import Viewer
from graph.errors import TiegraphError

VERSION = "vwip"
_CORRELATOR = re.compile(r"[a-zA-Z0-9-_:;./<>{}]{0,256}")


class Body(BaseModel):
    """What a client sends, and nothing beside what the API defines."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, validate_by_alias=True
    )

    @model_validator(mode="before")
    @classmethod
    def _has_no_null(cls, value: Any) -> Any:
        # OpenAPI's properties are absent or there; none of these may be null.
        if isinstance(value, Mapping) and None in value.values():
            raise ValueError("null is no value here: leave the property out")
        return value


@dataclass(frozen=True)
class Call:
    """A request that was let in.

    Attributes
    ----------
    reader : RequestReader
        What reads the graph for it.
    body : BaseModel or None
        What came in, checked; none for an operation without a body.
    """

    services: Services
    viewer: Viewer
    request: Request
    reader: RequestReader
    body: Any


@dataclass(frozen=True)
class Operation:
    """An operation.

    Attributes
    ----------
    api, path : str
        Where it is: ``/camara/<api>/vwip/<path>``.
    scopes : Collection of str
        The token must have one of them.
    answer : callable
        Returns what is answered: a dictionary or list of JSON, with status 200, or a response.
    body : type, optional
        The model of what comes in.
    """

    api: str
    path: str
    scopes: Collection[str]
    answer: Callable[[Call], Awaitable[dict[str, Any] | list[Any] | Response]]
    body: type[Body] | None = None
    method: str = "POST"

    @property
    def name(self) -> str:
        """What usage records call it: nothing that a caller wrote."""
        steps = [step for step in self.path.split("/") if not step.startswith("{")]
        return "/".join([self.api, *steps])

    def route(self, services: Services) -> Route:
        """Return the route that answers it."""

        async def endpoint(request: Request) -> Response:
            return await self._respond(services, request)

        return Route(f"/{self.api}/{VERSION}/{self.path}", endpoint, methods=[self.method])

    async def _respond(self, services: Services, request: Request) -> Response:
        try:
            return await self._answered(services, request)
        except CamaraError as error:
            return error.response
        except Refused as refused:
            return of_refusal(refused).response
        except TiegraphError as error:
            return of_ours(error).response
        except ClientDisconnect:
            request.state.is_gone = True
            raise
        except Exception as error:  # the last resort: answer, and log without text
            log_internal(error, request.state.correlator, services.log)
            message = "this failed inside; the log has it under the correlator"
            return CamaraError(500, INTERNAL, message).response

    async def _answered(self, services: Services, request: Request) -> Response:
        if not _CORRELATOR.fullmatch(request.headers.get("x-correlator", "")):
            raise CamaraError(400, "INVALID_ARGUMENT", "x-correlator has characters it may not")
        viewer = await self._let_in(services, request)
        with services.admission.admitted(viewer):
            content = await _content(request)
            body = _parsed(self.body, content) if self.body else None
            call = Call(services, viewer, request, RequestReader(services.database), body)
            services.audit.require()
            with noting() as reads:
                async with metered(
                    services, viewer, self.name, key=key_of(request), content=content
                ):
                    found = await self.answer(call)
            services.audit.add([*reads.accesses(viewer, self.name, request.state.correlator)])
        if isinstance(found, Response):
            return found
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    async def _let_in(self, services: Services, request: Request) -> Viewer:
        if "authorization" not in request.headers:
            raise CamaraError(401, "UNAUTHENTICATED", "send a token: Authorization: Bearer ...")
        viewer = await viewer_of(services, request)
        request.state.role = viewer.role
        if viewer.role != "partner" or viewer.scopes.isdisjoint(self.scopes):
            raise denied()
        return viewer


def _parsed(model: type[Body], content: bytes) -> Body:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise invalid(error) from None  # its text has what was sent


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY_BYTES:
            raise CamaraError(413, "INVALID_ARGUMENT", f"more than {MAX_BODY_BYTES} bytes")
    return bytes(content)
