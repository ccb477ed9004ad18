"""Where a partner wants to be told something later, and with which credential."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from api.camara.errors import CamaraError, invalid
from api.camara.instant import Instant
from api.camara.operation import Body
from graph.errors import BadInput
from graph.settings import Settings
from graph.sink.address import check_address
from graph.sink.message import Sink

Credential = dict[str, Any]  # checked by hand: its errors have codes of their own
MOST_ADDRESS = 2048


class AccessToken(Body):
    """A token that the sink asks for."""

    credential_type: Literal["ACCESSTOKEN"]
    access_token: str = Field(max_length=4096, pattern=r"^[A-Za-z0-9\-._~+/]+=*$")
    access_token_expires_utc: Instant
    access_token_type: Literal["bearer"]


def sink_of(
    settings: Settings, address: str, credential: Credential | None, headers: dict[str, str]
) -> Sink:
    """Return a sink as it is kept.

    Raises
    ------
    CamaraError
        It is no address that may be written to, or the credential is none that we know.
    """
    try:
        check_address(address, settings.sink_networks)
    except BadInput as error:
        raise CamaraError(400, "INVALID_SINK", f"The sink is not valid: {error}") from error
    token = _token(credential) if credential is not None else None
    return Sink(
        address=address,
        token=token.access_token if token else None,
        token_ends_at=token.access_token_expires_utc if token else None,
        headers=headers,
    )


def _token(credential: Credential) -> AccessToken:
    kind = credential.get("credentialType", "ACCESSTOKEN")
    if kind == "PRIVATE_KEY_JWT":
        message = "No JWK Set configured for PRIVATE_KEY_JWT authentication."
        raise CamaraError(422, "PRIVATE_KEY_JWT_NOT_CONFIGURED", message)
    if kind != "ACCESSTOKEN":
        raise CamaraError(400, "INVALID_CREDENTIAL", "Only Access token is supported")
    if credential.get("accessTokenType", "bearer") != "bearer":
        raise CamaraError(400, "INVALID_TOKEN", "Only bearer token is supported")
    try:
        return AccessToken.model_validate(credential)
    except ValidationError as error:
        raise invalid(error) from None  # its text has what was sent
