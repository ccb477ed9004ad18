"""Who sends a request, by the token that it carries (RFC 6750)."""

from starlette.requests import Request

from api.context import Services
from api.errors import refused
from api.tokens import Viewer
from graph.errors import DatabaseError, IssuerUnavailable, NotAuthenticated
from graph.settings import Role


async def viewer_of(services: Services, request: Request) -> Viewer:
    """Return who asks.

    Raises
    ------
    Refused
        There is no token and none can be done without, or the token is not good.
    """
    header = request.headers.get("authorization")
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
