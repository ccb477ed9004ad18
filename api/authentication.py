"""Who sends a request, by the token that it carries (RFC 6750)."""

from datetime import UTC, datetime

from starlette.requests import Request

from api.context import Services
from api.errors import Refused, refused
from api.tokens import Viewer
from graph.errors import DatabaseError, IssuerUnavailable, NotAuthenticated
from graph.settings import Role


async def viewer_of(services: Services, request: Request) -> Viewer:
    """Return who sends a request.

    Raises
    ------
    Refused
        There is no token and none can be done without, or the token is not good.
    """
    return await viewer_by(services, request.headers.get("authorization"))


async def viewer_by(services: Services, header: str | None) -> Viewer:
    """Return who asks, by the header ``Authorization``.

    Raises
    ------
    Refused
        There is no token and none can be done without, or the token is not good.
    """
    if header is None:
        if role := await _anonymous_role(services):
            return Viewer(role, "anonymous")
        missing = NotAuthenticated("send a token: Authorization: Bearer ...")
        raise refused(missing, {"WWW-Authenticate": 'Bearer realm="tiegraph"'})
    scheme, _, token = header.partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise NotAuthenticated("send a token: Authorization: Bearer ...")
        return await services.issuer.viewer(token.strip())
    except NotAuthenticated as error:
        challenge = 'Bearer realm="tiegraph", error="invalid_token"'
        raise refused(error, {"WWW-Authenticate": challenge}) from error
    except IssuerUnavailable as error:
        raise refused(error) from error


async def _anonymous_role(services: Services) -> Role | None:
    settings, openness = services.settings, services.openness
    if settings.anonymous_role or openness is None:
        return settings.anonymous_role
    try:
        return "analyst" if await openness.is_all_public() else None
    except DatabaseError as error:
        raise refused(error) from error


async def is_still_allowed(services: Services, viewer: Viewer) -> bool:
    """Tell whether somebody who was let in may stay: without a token, data may have come since."""
    if viewer.expires_at is not None:
        return viewer.expires_at > datetime.now(UTC)
    try:
        return await _anonymous_role(services) == viewer.role
    except Refused:
        return True  # the database is away, and nothing can be told without it
