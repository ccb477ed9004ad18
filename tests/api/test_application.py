"""How the application is reached: from other origins only if they are named, and over TLS."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from api.listening import listening
from graph.settings import Settings
from tests.api.conftest import Service

PREFLIGHT = {
    "origin": "https://console.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


def test_no_other_origin_may_read_answers(nowhere: Service) -> None:
    for method, path in (("OPTIONS", "/graphql"), ("GET", "/healthz"), ("GET", "/graphql")):
        response = nowhere.request(method, path, headers=PREFLIGHT)
        assert not [name for name in response.headers if name.startswith("access-control")]


def test_named_origins_may(nowhere: Service) -> None:
    update = {"cors_origins": ("https://console.example",)}
    settings = nowhere.settings.model_copy(update=update)
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    response = service.request("OPTIONS", "/graphql", headers=PREFLIGHT)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://console.example"
    assert "Authorization" in response.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in response.headers
    other = service.request(
        "OPTIONS", "/graphql", headers=PREFLIGHT | {"origin": "https://x.example"}
    )
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("origin", ["*", "console.example", "https://console.example/", "null"])
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    with pytest.raises(ValidationError):
        Settings(cors_origins=(origin,))


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(ValidationError, match="go together"):
        Settings(tls_certificate_file=Path("cert.pem"))


def test_it_is_served_over_tls(nowhere: Service, tmp_path: Path) -> None:
    """By a certificate made here, which the client trusts and which names the address."""
    certificate, key = certified(tmp_path)

    async def ask() -> httpx.Response:
        with listening("127.0.0.1", 0) as listener:
            config = uvicorn.Config(
                nowhere.application, lifespan="off", ssl_certfile=certificate, ssl_keyfile=key
            )
            server = uvicorn.Server(config)
            serving = asyncio.ensure_future(server.serve(sockets=[listener]))
            trust = ssl.create_default_context(cafile=str(certificate))
            address = f"https://127.0.0.1:{listener.getsockname()[1]}/healthz"
            async with httpx.AsyncClient(verify=trust) as client:
                response = await client.get(address)
            server.should_exit = True
            await serving
            return response

    assert nowhere.run(ask()).json() == {"status": "alive"}


def certified(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tiegraph")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
