"""docs/partners.md: which scenarios do not apply, and no others; and its examples, run by curl."""

import asyncio
import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OKPKey

from api.assertion import checked_keys
from graph.partner.registry import Partners
from tests.api.conftest import Service, fresh_service, village, village_endpoint
from tests.api.test_assertion import claims
from tests.conformance.camara import test_consent_info, test_geofencing, test_location_retrieval
from tests.conformance.camara.test_population_density import settle_density
from tests.conformance.camara.world import consent, see
from tests.conftest import ROOT
from tests.village import KOFI, SCHOOL

__all__ = ["village", "village_endpoint"]

SHOP = "corner-shop"
_CURLRC = "silent\nshow-error\nfail-with-body\nnoproxy = *\nmax-time = 60\n"


def test_the_page_has_what_does_not_apply() -> None:
    rows = re.findall(r"\| `([\w.-]+)` \| (.+) \|", _page().partition("do not apply:")[2])
    assert dict(rows) == {
        **test_location_retrieval.NOT_APPLICABLE,
        **test_consent_info.NOT_APPLICABLE,
        **test_geofencing.NOT_APPLICABLE,
    }


@pytest.mark.database
def test_the_examples_do_what_the_page_says(village: Service, tmp_path: Path) -> None:
    """Word by word, but for port, secret, assertion and days; the token is what curl was given."""
    service = fresh_service(village, tmp_path / "home")
    settle_density(service)
    see(service, KOFI, SCHOOL, datetime.now(UTC) - timedelta(minutes=1))
    consent(service, KOFI, ("location", "density"), partner=SHOP)
    told = service.run(_run(service, tmp_path))
    assert told["/partners"]["state"] == "pending"
    assert told["/oauth/token"]["token_type"].lower() == "bearer"
    assert told["/camara/location-retrieval"]["area"]["areaType"] == "CIRCLE"
    assert told["/camara/location-verification"]["verificationResult"] == "TRUE"
    assert told["/camara/consent-info"]["statusInfo"], "how consent stands"
    assert told["/camara/geofencing-subscriptions"]["id"]
    assert told["/camara/population-density-data"]["timedPopulationDensityData"]


async def _run(service: Service, folder: Path) -> dict[str, Any]:
    """Run the page's commands one after the other, and return what each printed, by address."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(service.application, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    (folder / ".curlrc").write_text(_CURLRC)
    told: dict[str, Any] = {}
    words = {"127.0.0.1:8000": f"127.0.0.1:{port}", "assertion=…": 'assertion="$SIGNED"'}
    for example in _examples():
        for word, meant in words.items():
            example = example.replace(word, meant)
        token = told.get("/oauth/token", {}).get("access_token", "")
        signed = _signed(service) if "$SIGNED" in example else ""
        meant_by = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TOKEN": token, "SIGNED": signed}
        (address,) = re.findall(r"http://[\d.:]+(/oauth/token|/partners|/camara/[\w-]+)", example)
        told[address] = await _printed(example, meant_by)
        if address == "/partners":
            Partners.of(service.settings).approve(SHOP)
            words["SECRET"] = told[address]["secret"]
    server.should_exit = True
    await serving
    return told


async def _printed(example: str, environment: dict[str, str]) -> Any:
    """Run an example in bash, and return the JSON that it printed."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        example,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, (example, printed.decode())
    return json.loads(printed)


def _examples() -> list[str]:
    """Return the page's blocks with curl in them; the day that they ask about is yesterday."""
    blocks = re.findall(r"(?m)(?:^ {4}.+\n)+", _page())
    written = [block for block in blocks if "curl " in block]
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    dated = [block.replace("2026-11-26", yesterday.isoformat()) for block in written]
    # Keys of one's own take the place of the secret, so they come last.
    return sorted(dated, key=lambda block: "client_assertion" in block)


def _signed(service: Service) -> str:
    """Register a key of the shop's own, and return an assertion by it."""
    key = OKPKey.generate_key("Ed25519", {"kid": "a"})
    public = checked_keys({"keys": [key.as_dict(private=False)]})
    Partners.of(service.settings).set_keys(SHOP, public)
    given = claims(iss=SHOP, sub=SHOP)
    return jwt.encode({"alg": "Ed25519"}, given, key, algorithms=["Ed25519"])


def _page() -> str:
    return (ROOT / "docs" / "partners.md").read_text()
