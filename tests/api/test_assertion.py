"""private_key_jwt at /oauth/token: what is signed, for us, for now, and once."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from api.assertion import ASSERTION_TYPE, checked_keys
from api.clients import Clients
from graph.errors import BadInput
from graph.partner.registry import Partners
from tests.api.conftest import Service, fresh_service

KEYS: dict[str, Key] = {
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
}
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "ed"})


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    service = fresh_service(nowhere, tmp_path)
    partners = Partners.of(service.settings)
    partners.sign_up("shop", "Shop", checked_keys(public(*KEYS.values())))
    partners.approve("shop")
    return service


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {"iss": "shop", "sub": "shop", "aud": "tiegraph", "exp": now + 60, "jti": str(now)}
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def shown(
    service: Service,
    given: dict[str, Any],
    key: Key = KEYS["Ed25519"],
    algorithm: str = "Ed25519",
    **form: str,
) -> httpx.Response:
    header = {"alg": algorithm, "kid": "ed"} if algorithm == "Ed25519" else {"alg": algorithm}
    assertion = jwt.encode(header, given, key, algorithms=[algorithm])
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **form,
    }
    return service.request("POST", "/oauth/token", data=form)


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_key_brings_a_token(service: Service, algorithm: str) -> None:
    key = KEYS[algorithm]
    header = {"alg": algorithm, "kid": str(key.kid)}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(header, claims(), key, algorithms=[algorithm]),
    }
    response = service.request("POST", "/oauth/token", data=form)
    assert response.status_code == 200, response.text
    assert response.json()["scope"] == "tiegraph:partner"
    asked = service.request(
        "POST",
        "/graphql",
        json={"query": "{ viewer { role subject } }"},
        headers={"authorization": f"Bearer {response.json()['access_token']}"},
    )
    assert asked.json()["data"]["viewer"] == {"role": "PARTNER", "subject": "shop"}


def test_an_assertion_is_good_once(service: Service) -> None:
    given = claims()
    assert shown(service, given).status_code == 200
    again = shown(service, given)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert shown(service, claims(jti="another")).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://village/oauth/token"},
        {"aud": None},
        {"iss": "bank"},
        {"iss": None},
        {"sub": "bank"},
        {"exp": 1},
        {"exp": None},
        {"exp": int(time.time()) + 86_400},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": 7},
    ],
)
def test_what_is_not_for_us_and_now_is_refused(service: Service, changes: dict[str, Any]) -> None:
    assert shown(service, claims(**changes)).status_code == 401


def test_another_key_is_refused(service: Service) -> None:
    assert shown(service, claims(), STRANGER).status_code == 401
    guess = OctKey.import_key(json.dumps(public(KEYS["Ed25519"])))
    assert shown(service, claims(), guess, "HS256").status_code == 401
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    for broken in ("", "a.b.c", "a.e30.c", "x" * 3000):
        response = service.request("POST", "/oauth/token", data=form | {"client_assertion": broken})
        assert response.status_code == 401
    assert shown(service, claims(), client_id="bank").status_code == 401


def test_who_is_not_let_in_gets_no_token(service: Service) -> None:
    Partners.of(service.settings).suspend("shop")
    response = shown(service, claims())
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    secret = Clients(service.settings.clients_file).add("bank", "partner")
    Partners.of(service.settings).sign_up("bank", "Bank")
    form = {"grant_type": "client_credentials", "client_id": "bank", "client_secret": secret}
    response = service.request("POST", "/oauth/token", data=form)
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    Partners.of(service.settings).approve("bank")
    assert service.request("POST", "/oauth/token", data=form).status_code == 200


def test_only_public_keys_of_good_kinds_are_registered() -> None:
    good = KEYS["Ed25519"]
    wrong: list[Any] = [
        None,
        [],
        {},
        {"keys": []},
        {"keys": [good.as_dict(private=True)]},
        {"keys": [{**public(good)["keys"][0], "kid": None}]},
        public(good, STRANGER),
        public(OKPKey.generate_key("X25519", {"kid": "x"})),
        public(ECKey.generate_key("P-384", {"kid": "x"})),
        public(OctKey.generate_key(256, {"kid": "x"})),
        public(*[OKPKey.generate_key("Ed25519", {"kid": str(i)}) for i in range(11)]),
    ]
    for keys in wrong:
        with pytest.raises(BadInput):
            checked_keys(keys)
