"""Programs that fetch their own tokens from the issuer of the default set-up."""

import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from api.clients import Clients
from graph.errors import BadInput
from graph.settings import Role
from tests.api.conftest import Service, fresh_service

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    return fresh_service(nowhere, tmp_path)


@pytest.fixture
def secret(service: Service) -> str:
    return Clients(service.settings.clients_file).add("notebook", "retention")


def asked(service: Service, form: Any, **options: Any) -> httpx.Response:
    return service.request("POST", "/oauth/token", data=form, **options)


def test_a_client_gets_a_token_for_its_role(service: Service, secret: str) -> None:
    """Either way of RFC 6749, 2.3.1; the public key that is told checks the token."""
    by_form = asked(service, GRANT | {"client_id": "notebook", "client_secret": secret})
    by_header = asked(service, GRANT, auth=("notebook", secret))
    keys = KeySet.import_key_set(service.request("GET", "/oauth/jwks.json").json())
    for response in (by_form, by_header):
        assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
        body = response.json()
        assert body.keys() == {"access_token", "token_type", "expires_in", "scope"}
        assert (body["token_type"], body["scope"]) == ("Bearer", "tiegraph:retention")
        token = jwt.decode(body["access_token"], keys.keys[0], algorithms=["Ed25519"])
        assert token.claims["sub"] == "notebook"
        told = service.request(
            "POST",
            "/graphql",
            json={"query": "{ viewer { role subject } }"},
            headers={"authorization": f"Bearer {body['access_token']}"},
        )
        assert told.json()["data"]["viewer"] == {"role": "RETENTION", "subject": "notebook"}


@pytest.mark.parametrize(
    ("role", "scope", "granted"),
    [
        ("partner", "dpv:Marketing", "tiegraph:partner dpv:Marketing"),
        ("partner", "dpv:Marketing tiegraph:partner", "tiegraph:partner dpv:Marketing"),
        ("partner", "tiegraph:partner", "tiegraph:partner"),
        ("partner", "dpv:Marketing dpv:AcademicResearch", None),
        ("partner", "dpv:WorldDomination", None),
        ("partner", "tiegraph:admin dpv:Marketing", None),
        ("care", "dpv:Marketing", None),
    ],
)
def test_a_partner_names_its_purpose(
    service: Service, role: Role, scope: str, granted: str | None
) -> None:
    secret = Clients(service.settings.clients_file).add("cinema", role)
    response = asked(service, GRANT | {"scope": scope}, auth=("cinema", secret))
    if granted is None:
        assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    else:
        assert response.json()["scope"] == granted


def test_the_public_key_has_no_private_part(service: Service) -> None:
    (key,) = service.request("GET", "/oauth/jwks.json").json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "use", "alg"}


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (GRANT, 401, "invalid_client"),
        (GRANT | {"client_id": "notebook"}, 401, "invalid_client"),
        (GRANT | {"client_id": "notebook", "client_secret": "guess"}, 401, "invalid_client"),
        (GRANT | {"client_id": "nobody", "client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "notebook", "client_secret": "*"}, 400, "unsupported_grant_type"),
        (
            {"grant_type": "password", "client_id": "notebook", "client_secret": "*"},
            400,
            "unsupported_grant_type",
        ),
        (
            GRANT | {"client_id": "notebook", "client_secret": "*", "scope": "tiegraph:admin"},
            400,
            "invalid_scope",
        ),
        (GRANT | {"client_id": ["notebook", "other"]}, 400, "invalid_request"),
        (GRANT | {"more": "x" * 9_000}, 401, "invalid_client"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_others_are_refused_as_rfc_6749_says(
    service: Service, secret: str, form: dict[str, Any], status: int, error: str
) -> None:
    """The star stands for the client's secret."""
    form = {name: secret if value == "*" else value for name, value in form.items()}
    response = asked(service, form)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert response.headers["cache-control"] == "no-store"


def test_json_is_no_form(service: Service) -> None:
    response = service.request("POST", "/oauth/token", json=GRANT)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_what_was_removed_gets_no_more_tokens(service: Service, secret: str) -> None:
    clients = Clients(service.settings.clients_file)
    assert [(client.name, client.role) for client in clients.all()] == [("notebook", "retention")]
    with pytest.raises(BadInput, match="already"):
        clients.add("notebook", "admin")
    clients.remove("notebook")
    assert asked(service, GRANT, auth=("notebook", secret)).status_code == 401
    with pytest.raises(BadInput, match="no client"):
        clients.remove("notebook")


def test_the_secret_is_not_kept_and_the_file_is_the_owners(service: Service, secret: str) -> None:
    file = service.settings.clients_file
    assert secret.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(secret) == 43, "256 bits in base 64"
