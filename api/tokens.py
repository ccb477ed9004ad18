"""Tokens: who asks, signed by the key of the home folder.

This is the issuer of the default set-up. Where another issuer is configured, none is signed and
none of its own is believed (``api.issuer``).
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, OKPKey

from api.camara.scopes import SCOPES
from graph.consent.terms import PURPOSES
from graph.errors import BadInput, NotAuthenticated
from graph.secrets import secret
from graph.settings import Role, Settings

_ISSUER = "tiegraph"
_LAB = "-lab"  # after issuer and audience of a lab, whose tokens are good there alone
_SCOPE = "tiegraph:"  # before the name of a role
_PURPOSE = "dpv:"
_ALGORITHM = "Ed25519"
_TYPES = {"at+jwt", "application/at+jwt", "jwt"}  # RFC 9068, and what many issuers write
_CLOCK_SKEW_S = 5
_KEPT_TOKENS = 1_024
# Tokens that were found good, by what they were checked against, and by which object of keys:
# an issuer's keys that are fetched anew are another one. All but their end is checked once.
_GOOD: dict[tuple[str, ...], tuple[Key | KeySet, "Viewer"]] = {}


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
    purpose : str, optional
        What a partner asks for (one of ``PURPOSES``); without one it sees no subscriber.
    scopes : frozenset of str
        Which operations of the CAMARA APIs a partner may call (``api.camara.scopes``).
    person : str, optional
        Whom a partner acts for, by the pairwise pseudonym: it has a three-legged token.
    """

    role: Role
    subject: str
    expires_at: datetime | None = None
    purpose: str | None = None
    scopes: frozenset[str] = frozenset()
    person: str | None = None


def issue_token(
    settings: Settings,
    role: Role,
    subject: str,
    purpose: str | None = None,
    scopes: Collection[str] = (),
    person: str | None = None,
) -> str:
    """Return a token (JWT, RFC 7519) signed by Ed25519 (RFC 9864), good for ``token_ttl_s``.

    Parameters
    ----------
    scopes : collection of str
        Operations of the CAMARA APIs that a partner may call.
    person : str, optional
        The pairwise pseudonym of whom the partner acts for.

    Raises
    ------
    BadInput
        Tokens come from another issuer, or such a token would not be believed.
    """
    refuse_beside(settings)
    if purpose and (role != "partner" or purpose not in PURPOSES):
        raise BadInput(f"a purpose is a partner's, and one of {', '.join(PURPOSES)}")
    if (scopes or person) and role != "partner":
        raise BadInput("operations of the CAMARA APIs are a partner's")
    if set(scopes) - SCOPES.keys():
        raise BadInput(f"an operation is one of {', '.join(SCOPES)}")
    now_s = int(time.time())
    claims = {
        "iss": issuer_name(settings),
        "aud": audience_of(settings),
        "sub": person or subject,
        "client_id": subject,
        "scope": scope_of(role, purpose, scopes),
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + settings.token_ttl_s,
        "jti": uuid4().hex,
    }
    header = {"alg": _ALGORITHM, "typ": "at+jwt"}
    return jwt.encode(header, claims, _key(settings), algorithms=[_ALGORITHM])


def issuer_name(settings: Settings) -> str:
    """Return what `iss` of tokens made here says, and `aud` of what partners sign to get one."""
    return _ISSUER + (_LAB if settings.is_lab else "")


def audience_of(settings: Settings) -> str:
    """Return what `aud` of tokens made here says."""
    return settings.token_audience + (_LAB if settings.is_lab else "")


def refuse_beside(settings: Settings) -> None:
    """Refuse to be an issuer beside another one.

    Raises
    ------
    BadInput
        Tokens come from another issuer.
    """
    if settings.token_issuer_url:
        raise BadInput("tokens come from TIEGRAPH_TOKEN_ISSUER_URL: none is made here")


def public_keys(settings: Settings) -> dict[str, Any]:
    """Return the public part of the key that signs, as a JSON Web Key Set (RFC 7517)."""
    key = _key(settings).as_dict(private=False)
    return {"keys": [{**key, "use": "sig", "alg": _ALGORITHM}]}


def scope_of(role: Role, purpose: str | None = None, scopes: Collection[str] = ()) -> str:
    """Return the scope that stands for a role and, of a partner, for what it asks, and what for.

    Examples
    --------
    >>> scope_of("care"), scope_of("partner", "dpv:Marketing")
    ('tiegraph:care', 'tiegraph:partner dpv:Marketing')
    """
    return " ".join([f"{_SCOPE}{role}", *([purpose] if purpose else ()), *sorted(scopes)])


def verifier(settings: Settings) -> Callable[[str], Viewer]:
    """Return what tells who a token was issued to; what the home folder is, is looked at once.

    The algorithm is ours and not the token's choice; issuer, audience, start and end are checked
    with five seconds of grace for clocks that differ. It raises NotAuthenticated where a token is
    not ours, was altered, or is not valid now.
    """
    issuer, audience = issuer_name(settings), audience_of(settings)
    claim, file = settings.token_role_claim, _key_file(settings)
    return lambda text: read_token(text, _read_key(file), _ALGORITHM, issuer, audience, claim)


def read_token(
    text: str, key: Key | KeySet, algorithm: str, issuer: str, audience: str, role_claim: str
) -> Viewer:
    """Return who a token was issued to, whoever issued it.

    Raises
    ------
    NotAuthenticated
        It is not signed by a key, was issued by or for somebody else, is not valid now, has not
        exactly one role, or has several purposes or one that is unknown.
    """
    name = (text, algorithm, issuer, audience, role_claim)
    known = _GOOD.get(name)
    if known and known[0] is key and _lasts(known[1]):
        return known[1]
    viewer = _read(text, key, algorithm, issuer, audience, role_claim)
    if len(_GOOD) >= _KEPT_TOKENS:
        del _GOOD[next(iter(_GOOD))]  # the oldest
    _GOOD[name] = key, viewer
    return viewer


def _lasts(viewer: Viewer) -> bool:
    grace = timedelta(seconds=_CLOCK_SKEW_S)
    return viewer.expires_at is not None and viewer.expires_at + grace > datetime.now(UTC)


def _read(
    text: str, key: Key | KeySet, algorithm: str, issuer: str, audience: str, role_claim: str
) -> Viewer:
    checks = jwt.JWTClaimsRegistry(
        leeway=_CLOCK_SKEW_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
    )
    try:
        token = jwt.decode(text, key, algorithms=[algorithm])
        checks.validate(token.claims)
    except (JoseError, ValueError) as error:
        raise NotAuthenticated("the token is not valid: ask for a new one") from error
    if str(token.header.get("typ", "JWT")).lower() not in _TYPES:
        raise NotAuthenticated("this is a token for something else: send an access token")
    expires_at = datetime.fromtimestamp(token.claims["exp"], UTC)
    role, subject = _role(_words(token.claims.get(role_claim))), str(token.claims["sub"])
    if role != "partner":
        return Viewer(role, subject, expires_at)
    words = _words(token.claims.get("scope"))
    partner = str(token.claims.get("client_id", subject))
    return Viewer(
        role,
        partner,
        expires_at,
        _purpose(words),
        frozenset(words) & SCOPES.keys(),
        # Without anybody to act for, the subject is the client itself (RFC 9068, section 2.2).
        person=subject if subject != partner else None,
    )


def _words(claim: object) -> list[str]:
    match claim:
        case str():
            return claim.split()
        case list():
            return [str(name) for name in claim]
        case _:
            return []


def _role(names: list[str]) -> Role:
    known: tuple[Role, ...] = get_args(Role)
    roles: list[Role] = [role for role in known if scope_of(role) in names]
    if len(roles) != 1:
        raise NotAuthenticated(f"the token must have one role, such as {scope_of('analyst')}")
    return roles[0]


def _purpose(names: list[str]) -> str | None:
    purposes = [name for name in names if name.startswith(_PURPOSE)]
    if len(purposes) > 1 or set(purposes) - PURPOSES.keys():
        raise NotAuthenticated("the token may have one purpose, such as dpv:Marketing")
    return purposes[0] if purposes else None


def _key(settings: Settings) -> OKPKey:
    return _read_key(_key_file(settings))


def _key_file(settings: Settings) -> Path:
    return settings.keys_folder / "token.key"


@cache
def _read_key(path: Path) -> OKPKey:
    return OKPKey.import_key(orjson.loads(secret(path, _make_key)))


def _make_key() -> bytes:
    return orjson.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))
