"""Tokens: who asks, signed by the key of the home folder."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast, get_args
from uuid import uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from graph.errors import NotAuthenticated
from graph.secrets import secret
from graph.settings import Role, Settings

ISSUER = "tiegraph"
AUDIENCE = "tiegraph/graphql"
_ALGORITHM = "Ed25519"
_CLOCK_SKEW_S = 5

_CLAIMS = jwt.JWTClaimsRegistry(
    leeway=_CLOCK_SKEW_S,
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    iat={"essential": True},
    nbf={"essential": True},
    exp={"essential": True},
    role={"essential": True, "values": list(get_args(Role))},
)


@dataclass(frozen=True)
class Viewer:
    """Who asks.

    Attributes
    ----------
    role : Role
        What they may see (``api.access``).
    subject : str
        Their name, as the token states it.
    expires_at : datetime, optional
        When the token ends, in UTC; none for a request without a token.
    """

    role: Role
    subject: str
    expires_at: datetime | None = None


def issue_token(settings: Settings, role: Role, subject: str) -> str:
    """Return a token (JWT, RFC 7519) signed by Ed25519 (RFC 9864), good for ``token_ttl_s``."""
    now_s = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "role": role,
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + settings.token_ttl_s,
        "jti": uuid4().hex,
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, _key(settings), algorithms=[_ALGORITHM])


def verify_token(settings: Settings, text: str) -> Viewer:
    """Return who a token was issued to.

    The algorithm is ours and not the token's choice; issuer, audience, start and end are checked
    with five seconds of grace for clocks that differ.

    Raises
    ------
    NotAuthenticated
        The token is not ours, was altered, or is not valid now.
    """
    try:
        token = jwt.decode(text, _key(settings), algorithms=[_ALGORITHM])
        _CLAIMS.validate(token.claims)
    except (JoseError, ValueError) as error:
        raise NotAuthenticated("the token is not valid: ask for a new one") from error
    claims = token.claims
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    return Viewer(cast(Role, claims["role"]), str(claims["sub"]), expires_at)


def _key(settings: Settings) -> OKPKey:
    return _read_key(settings.keys_folder / "token.key")


@cache
def _read_key(path: Path) -> OKPKey:
    return OKPKey.import_key(orjson.loads(secret(path, _make_key)))


def _make_key() -> bytes:
    return orjson.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))
