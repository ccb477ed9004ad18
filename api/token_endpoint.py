"""The issuer of the default set-up over HTTP: client credentials (RFC 6749, 4.4) and its keys."""

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.assertion import ASSERTION_TYPE, partner_by
from api.camara.scopes import SCOPES
from api.clients import Clients
from api.context import Services
from api.tokens import issue_token, issuer_name, public_keys, scope_of
from graph.errors import BadInput, NotAllowed, NotAuthenticated
from graph.partner.partner import active
from graph.settings import Role

_MAX_BODY_BYTES = 8_192
_FORM = "application/x-www-form-urlencoded"
_BASIC = {"WWW-Authenticate": 'Basic realm="tiegraph"'}


class TokenEndpoint:
    """Answers programs that ask for a token, and whoever wants to check one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clients = Clients(services.settings.clients_file)

    def routes(self) -> list[BaseRoute]:
        """Return where it answers: nowhere, if tokens come from another issuer."""
        if self._services.settings.token_issuer_url:
            return []
        return [
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/jwks.json", self.keys, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """Give a client a token for its role, and of a partner for what it names beside."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return _refusal("invalid_request", f"send {_FORM}")
        form = _form(await _body(request))
        if form is None:
            return _refusal("invalid_request", "each parameter may stand once")
        try:
            name, role = await run_sync(self._client, request, form)
        except NotAuthenticated as error:
            return _refusal("invalid_client", str(error), 401, _BASIC)
        except NotAllowed as error:
            return _refusal("unauthorized_client", str(error))
        if form.get("grant_type") != "client_credentials":
            return _refusal("unsupported_grant_type", "only client_credentials is understood")
        words = set(form.get("scope", "").split()) - {scope_of(role)}
        scopes = words & SCOPES.keys()
        purpose = " ".join(words - scopes) or None
        settings = self._services.settings
        try:
            token = await run_sync(issue_token, settings, role, name, purpose, scopes)
        except BadInput:
            return _refusal("invalid_scope", f"the client's scope is {_scope(role)}")
        return _answer(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": settings.token_ttl_s,
                "scope": scope_of(role, purpose, scopes),
            }
        )

    def _client(self, request: Request, form: Mapping[str, str]) -> tuple[str, Role]:
        """Return name and role of whoever asks, by its own key or by its secret.

        Raises
        ------
        NotAuthenticated
            It did not show who it is.
        NotAllowed
            It is a partner that may not be answered now.
        """
        partners = self._services.partners
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            audience = issuer_name(self._services.settings)
            partner = partner_by(partners, form.get("client_assertion", ""), audience)
            if form.get("client_id", partner.partner_id) != partner.partner_id:
                raise NotAuthenticated("the assertion is another client's")
            return active(partner).partner_id, "partner"
        name, secret = _credentials(request, form)
        role = self._clients.role_of(name, secret)
        if role is None:
            raise NotAuthenticated("no client has this name and secret")
        if role == "partner" and (registered := partners.find(name)):
            active(registered)
        return name, role

    async def keys(self, _request: Request) -> Response:
        """Tell the key that tokens are checked by."""
        keys = await run_sync(public_keys, self._services.settings)
        return JSONResponse(keys, headers={"Cache-Control": "public, max-age=300"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY_BYTES:
            return b""
    return bytes(body)


def _form(body: bytes) -> dict[str, str] | None:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _scope(role: Role) -> str:
    return scope_of(role) + (
        ", with one purpose and CAMARA's scopes beside" if role == "partner" else ""
    )


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _answer(
    content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse(content, status, {"Cache-Control": "no-store", **(headers or {})})


def _refusal(
    error: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
) -> Response:
    return _answer({"error": error, "error_description": description}, status, headers)
