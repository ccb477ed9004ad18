"""How a partner shows by its own key who it is: ``private_key_jwt`` (RFC 7523, OpenID Connect).

The assertion is a JWT that the partner signs for this one purpose: from itself (``iss`` and
``sub``), to us (``aud`` is our issuer's name, never an address that a request could choose), for a
few minutes, and once (``jti``). The algorithm is one of those that the key allows.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import extract_compact

from graph.errors import BadInput, NotAuthenticated
from graph.partner.partner import Partner
from graph.partner.registry import Partners

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("Ed25519", "EdDSA", "ES256", "PS256", "RS256")
LONGEST = timedelta(minutes=10)
_CLOCK_SKEW_S = 5
_MOST_KEYS = 10
_LEAST_RSA_BITS = 2048
_MOST_JTI = 128
_REFUSED = "the assertion is not good"


def partner_by(partners: Partners, assertion: str, audience: str) -> Partner:
    """Return the partner that signed an assertion, which is good for this once.

    Raises
    ------
    NotAuthenticated
        It is not a registered partner's, not for us, not for now, or was shown before.
    """
    try:
        subject = str(_unverified(assertion).get("sub"))
        partner = partners.find(subject)
        if partner is None or partner.keys is None:
            raise NotAuthenticated(_REFUSED)
        keys = KeySet.import_key_set(partner.keys)  # type: ignore[arg-type]  # checked by it
        claims = jwt.decode(assertion, keys, algorithms=list(ALGORITHMS)).claims
        _checks(subject, audience).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise NotAuthenticated(_REFUSED) from error
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    jti = claims["jti"]
    is_short = expires_at - datetime.now(UTC) <= LONGEST
    is_named = isinstance(jti, str) and 0 < len(jti) <= _MOST_JTI
    kept_until = expires_at + timedelta(seconds=_CLOCK_SKEW_S)
    if not (is_short and is_named and partners.is_first_use(subject, jti, kept_until)):
        raise NotAuthenticated(_REFUSED)
    return partner


def checked_keys(keys: Any) -> Mapping[str, Any]:
    """Return public keys as a partner may register them.

    Raises
    ------
    BadInput
        They are no JSON Web Key Set of one to ten public keys with names of their own, or hold
        private parts, secrets or RSA keys below 2048 bits.
    """
    try:
        found = KeySet.import_key_set(keys)
        names = [key.kid for key in found]
        if not 1 <= len(names) <= _MOST_KEYS or None in names or len(set(names)) != len(names):
            raise BadInput(f"register 1 to {_MOST_KEYS} keys, each with a kid of its own")
        if not all(map(_is_good, found)):
            raise BadInput(
                "register public keys of kinds OKP Ed25519, EC P-256 or RSA from 2048 bits"
            )
        return {"keys": [key.as_dict(private=False) for key in found]}
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("this is no JSON Web Key Set") from error


def _is_good(key: object) -> bool:
    match key:
        case OKPKey():
            return not key.is_private and key.curve_name == "Ed25519"
        case ECKey():
            return not key.is_private and key.curve_name == "P-256"
        case RSAKey():
            return not key.is_private and key.public_key.key_size >= _LEAST_RSA_BITS
        case _:
            return False


def _unverified(assertion: str) -> Mapping[str, Any]:
    """Return the claims before anything is believed: they only tell whose keys to try."""
    claims = orjson.loads(extract_compact(assertion.encode()).payload)
    if not isinstance(claims, dict):
        raise TypeError("claims are an object")
    return claims


def _checks(subject: str, audience: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=_CLOCK_SKEW_S,
        iss={"essential": True, "value": subject},
        sub={"essential": True, "value": subject},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        jti={"essential": True},
    )
