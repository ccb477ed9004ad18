"""Whose tokens are believed: those of the home folder, or of the OAuth 2.0 issuer that is set.

Of an issuer, the keys are fetched (RFC 7517) and kept; a key that is unknown has them fetched
again, but not more often than every half minute, whatever tokens say. A token names its key and
nothing else: addresses of keys in its header are not followed, and the algorithm is the setting's.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from api.tokens import Viewer, read_token, verifier
from graph.errors import IssuerUnavailable, NotAuthenticated
from graph.settings import Settings

_DISCOVERY = ".well-known/openid-configuration"
_KEPT_S = 600.0
_PAUSE_S = 30.0  # between fetches, whatever keys tokens name
_PAUSE_WITHOUT_KEYS_S = 1.0
_TIMEOUT_S = 5.0
_MAX_BYTES = 262_144


class Issuer(Protocol):
    """Tells who a token was issued to."""

    async def viewer(self, token: str) -> Viewer:
        """Return who a token was issued to.

        Raises
        ------
        NotAuthenticated
            It is not a good token.
        IssuerUnavailable
            The keys to check it cannot be had.
        """
        ...


class OwnIssuer:
    """Believes the tokens of the home folder."""

    def __init__(self, settings: Settings) -> None:
        self._verify = verifier(settings)

    async def viewer(self, token: str) -> Viewer:
        """Return who a token was issued to."""
        return self._verify(token)


class OtherIssuer:
    """Believes the tokens of an issuer that is not us.

    Parameters
    ----------
    transport : httpx.AsyncBaseTransport, optional
        How the issuer is reached; by the network where absent.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_s = self._tried_s = -_KEPT_S
        self._fetching = asyncio.Lock()

    async def viewer(self, token: str) -> Viewer:
        """Return who a token was issued to."""
        settings = self._settings
        keys = await self._keys_for(_key_name(token))
        return read_token(
            token,
            keys,
            settings.token_algorithm,
            str(settings.token_issuer_url).rstrip("/"),
            settings.token_audience,
            settings.token_role_claim,
        )

    async def _keys_for(self, name: str | None) -> KeySet:
        if self._is_stale(name):
            async with self._fetching:
                pause_s = _PAUSE_S if self._keys else _PAUSE_WITHOUT_KEYS_S
                if self._is_stale(name) and self._clock() - self._tried_s >= pause_s:
                    await self._fetch()
        if self._keys is None:
            raise IssuerUnavailable("the keys of the tokens' issuer cannot be fetched")
        return self._keys

    def _is_stale(self, name: str | None) -> bool:
        if self._keys is None or self._clock() - self._fetched_s >= _KEPT_S:
            return True
        return name is not None and all(key.kid != name for key in self._keys)

    async def _fetch(self) -> None:
        self._tried_s = self._clock()
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=_TIMEOUT_S) as client:
                address = self._settings.token_jwks_url or await self._discovered(client)
                found = await _json(client, str(address))
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # checked by it
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError):
            return  # the keys that are known stay good; without any, this fails later
        self._fetched_s = self._tried_s

    async def _discovered(self, client: httpx.AsyncClient) -> str:
        issuer = str(self._settings.token_issuer_url).rstrip("/")
        found = await _json(client, f"{issuer}/{_DISCOVERY}")
        if str(found["issuer"]).rstrip("/") != issuer:
            raise ValueError("the document is somebody else's")
        return str(found["jwks_uri"])


def issuer_of(settings: Settings) -> Issuer:
    """Return whose tokens are believed."""
    return OtherIssuer(settings) if settings.token_issuer_url else OwnIssuer(settings)


def _key_name(token: str) -> str | None:
    try:
        name = extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise NotAuthenticated("the token is not valid: ask for a new one") from error
    return str(name) if name is not None else None


async def _json(client: httpx.AsyncClient, address: str) -> dict[str, object]:
    async with client.stream("GET", address, headers={"accept": "application/json"}) as response:
        response.raise_for_status()
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _MAX_BYTES:
                raise ValueError("the document is too long")
    found = httpx.Response(200, content=bytes(body)).json()
    if not isinstance(found, dict):
        raise TypeError("the document is not an object")
    return found
