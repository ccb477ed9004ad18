"""Tokens of another issuer: by its keys, for us, by one algorithm, through changes of keys."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from api.issuer import OtherIssuer
from api.tokens import Viewer
from graph.errors import IssuerUnavailable, NotAuthenticated
from graph.settings import Settings
from tests.api.conftest import Service, offline_settings

ISSUER = "https://id.example/realm"
OLD, NEW = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}) for kid in ("old", "new"))


class Provider:
    """An issuer on a network of its own, which counts how often it is asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys = list(keys)
        self.is_away = False
        self.asked: list[str] = []
        self.transport = httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.is_away:
            raise httpx.ConnectError("away")
        if request.url.path == "/realm/.well-known/openid-configuration":
            return httpx.Response(
                200, json={"issuer": ISSUER, "jwks_uri": "https://id.example/keys"}
            )
        return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def settings(**more: Any) -> Settings:
    return offline_settings(Path("unused"), token_issuer_url=ISSUER, **more)


def token(key: Any = OLD, header: dict[str, Any] | None = None, **changes: Any) -> str:
    now_s = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": ["tiegraph/graphql", "https://other.example"],
        "sub": "7f3a",
        "scope": "openid tiegraph:care",
        "iat": now_s,
        "exp": now_s + 60,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    head = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid} | (header or {})
    return jwt.encode(head, claims, key, algorithms=[head["alg"]])


def asked(issuer: OtherIssuer, text: str) -> Viewer:
    return asyncio.run(issuer.viewer(text))


def test_a_token_of_the_issuer_says_who_asks() -> None:
    provider = Provider(OLD)
    viewer = asked(OtherIssuer(settings(), provider.transport), token())
    assert (viewer.role, viewer.subject) == ("care", "7f3a")
    assert provider.asked == [
        f"{ISSUER}/.well-known/openid-configuration",
        "https://id.example/keys",
    ]


def test_the_address_of_the_keys_may_be_set() -> None:
    provider = Provider(OLD)
    issuer = OtherIssuer(settings(token_jwks_url="https://keys.example/"), provider.transport)
    assert asked(issuer, token()).role == "care"
    assert provider.asked == ["https://keys.example/"]


def test_the_role_may_stand_in_another_claim_as_a_list() -> None:
    issuer = OtherIssuer(settings(token_role_claim="roles"), Provider(OLD).transport)
    roles = ["offline_access", "tiegraph:retention"]
    assert asked(issuer, token(scope=None, roles=roles)).role == "retention"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example/other"},
        {"aud": "https://other.example"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"scope": "openid"},
        {"scope": "tiegraph:care tiegraph:admin"},
    ],
    ids=str,
)
def test_wrong_claims_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        asked(OtherIssuer(settings(), Provider(OLD).transport), token(**changes))


def test_the_algorithm_is_the_settings_and_not_the_tokens() -> None:
    """Other keys of the issuer's own, a secret that everybody can know, and an alien key."""
    curve = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
    public = OctKey.import_key(OLD.as_pem(private=False).replace(b"-----", b""), {"kid": "old"})
    alien = RSAKey.generate_key(2048, {"kid": "old"})
    issuer = OtherIssuer(settings(), Provider(OLD, curve).transport)
    assert asked(issuer, token()).role == "care"
    for text in (
        token(curve, {"alg": "ES256"}),
        token(public, {"alg": "HS256"}),
        token(OLD, {"alg": "PS256"}),
        token(alien),
        token() + "x",
        "a.b.c",
        "nonsense",
        "",
    ):
        with pytest.raises(NotAuthenticated):
            asked(issuer, text)


def test_addresses_of_keys_in_a_token_are_not_followed() -> None:
    provider = Provider(OLD)
    issuer = OtherIssuer(settings(), provider.transport)
    alien = RSAKey.generate_key(2048, {"kid": "alien"})
    header = {"jku": "https://evil.example/keys", "jwk": alien.as_dict(private=False)}
    with pytest.raises(NotAuthenticated):
        asked(issuer, token(alien, header))
    assert not any("evil" in address for address in provider.asked)


def test_a_new_key_is_fetched_when_a_token_names_it_but_not_for_every_lie() -> None:
    """The first fetch takes two requests, discovery and keys, and so does each later one."""
    provider, clock = Provider(OLD), Clock()
    issuer = OtherIssuer(settings(), provider.transport, clock)
    assert asked(issuer, token()).subject == "7f3a"
    provider.keys = [OLD, NEW]
    clock.now_s += 31
    assert asked(issuer, token(NEW)).subject == "7f3a"
    assert len(provider.asked) == 4
    for number in range(20):
        with pytest.raises(NotAuthenticated):
            asked(issuer, token(NEW, {"kid": f"lie {number}"}))
    assert len(provider.asked) == 4
    provider.keys = [NEW]
    clock.now_s += 601
    assert asked(issuer, token(NEW)).subject == "7f3a"
    with pytest.raises(NotAuthenticated):
        asked(issuer, token(OLD))


def test_keys_that_are_known_stay_good_while_the_issuer_is_away() -> None:
    provider, clock = Provider(OLD), Clock()
    issuer = OtherIssuer(settings(), provider.transport, clock)
    provider.is_away = True
    with pytest.raises(IssuerUnavailable):
        asked(issuer, token())
    provider.is_away = False
    clock.now_s += 1
    assert asked(issuer, token()).role == "care"
    provider.is_away = True
    clock.now_s += 10_000
    assert asked(issuer, token()).role == "care"


def test_many_requests_at_once_fetch_once() -> None:
    provider = Provider(OLD)
    issuer = OtherIssuer(settings(), provider.transport)

    async def many() -> list[Viewer]:
        return await asyncio.gather(*(issuer.viewer(token()) for _ in range(20)))

    assert {viewer.role for viewer in asyncio.run(many())} == {"care"}
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": [7]}', b'{"keys": []}', b"x" * 300_000],
    ids=lambda body: str(body[:12]),
)
def test_whatever_an_issuer_answers_is_no_fault_of_ours(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=body))
    with pytest.raises(IssuerUnavailable):
        asked(OtherIssuer(settings(), transport), token())


def test_over_http_the_home_folders_own_tokens_are_not_believed(nowhere: Service) -> None:
    own = nowhere.post("{ viewer { role } }").request.headers["authorization"]
    update = {"token_issuer_url": "http://127.0.0.1:9/", "token_jwks_url": "http://127.0.0.1:9/"}
    other = nowhere.settings.model_copy(update=update)
    service = Service(other, nowhere.database, nowhere.ledger, nowhere.runner)
    body = {"query": "{ viewer { role } }"}
    response = service.request("POST", "/graphql", json=body, headers={"authorization": own})
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert service.request("POST", "/oauth/token", data={"grant_type": "x"}).status_code == 404
    assert service.request("GET", "/oauth/jwks.json").status_code == 404
