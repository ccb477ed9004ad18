"""Every scenario of CAMARA's consent-info.feature that applies, on the village."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from graph.consent.capture import MOST_REQUESTS, Request
from tests.api.conftest import Service, village, village_endpoint
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.scenario import Scenario, scenarios
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import PARTNER, World, consent
from tests.village import KEY, KOFI, LENA

__all__ = ["village", "village_endpoint"]

NOT_APPLICABLE: Mapping[str, str] = {
    "consent_info_retrieveStatus_07_callback": "people consent in the operator's own channel",
    "consent_info_retrieveStatus_08_callback_state": "people consent in the operator's own channel",
    "consent_info_retrieveStatus_C02.05_phone_number_not_supported": "it serves every number",
}
SCOPE, PURPOSE = "location-verification:verify", "dpv:FraudPreventionAndDetection"
CHANNEL = "https://operator.example/consent"
_DAY = timedelta(days=1)


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    more = {"home_dir": tmp_path, "consent_capture_url": CHANNEL}
    settings = village.settings.model_copy(update=more)
    return Service(settings, village.database, village.ledger, village.runner)


@pytest.fixture
def world(service: Service, shared_standards: Path) -> World:
    definition = Definition(shared_standards, "consent-info")
    body = {
        "phoneNumber": "+4512345678",
        "scopes": [SCOPE],
        "purpose": PURPOSE,
        "requestCaptureUrl": False,
    }
    return World(service, definition, "consent-info", "/retrieve", body)


@pytest.mark.parametrize("scenario", scenarios("consent-info"))
def test_scenario(scenario: Scenario, world: World) -> None:
    if scenario.tag in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[scenario.tag])
    step.run(world, scenario)


def test_the_address_says_what_is_asked_for_and_not_of_whom(world: World) -> None:
    world.body |= {"requestCaptureUrl": True, "callbackUrl": "https://cinema.example/back"}
    address = world.send().json()["captureUrl"]
    (sealed,) = parse_qs(urlparse(address).query)["request"]
    assert Request.read(sealed, KEY) == Request(
        partner=PARTNER,
        purpose=PURPOSE,
        scopes=(SCOPE,),
        items=("location",),
        callback_url="https://cinema.example/back",
    )
    assert world.send().json()["statusInfo"][0]["statusReason"] == "REQUESTED"


def test_what_was_taken_back_is_denied_and_nobody_is_asked_again(world: World) -> None:
    for subject in (KOFI, LENA):
        given = consent(world.service, subject, purpose=PURPOSE)
        world.service.services.consents.revoke(given, subject)
    world.set("$.requestCaptureUrl", True)
    answer = world.send().json()
    assert answer["statusInfo"][0]["statusReason"] == "DENIED"
    assert "captureUrl" not in answer


def test_scopes_that_stand_alike_stand_together(world: World) -> None:
    both(world.service, validity=(-_DAY, _DAY))
    world.set("$.scopes", [SCOPE, "location-retrieval:read", "population-density-data:read"])
    infos = {info["scopes"][0]: info for info in world.send().json()["statusInfo"]}
    assert infos[SCOPE]["statusValidForProcessing"]
    assert infos["location-retrieval:read"]["statusValidForProcessing"]
    assert infos["population-density-data:read"]["statusReason"] == "PENDING"


@pytest.mark.parametrize("address", ["http://cinema.example/", "javascript:alert(1)", "https:///x"])
def test_where_nobody_is_sent(address: str, world: World) -> None:
    world.set("$.callbackUrl", address)
    assert world.send().json()["code"] == "CONSENT_INFO.INVALID_CALLBACK_URL"


def both(service: Service, **terms: Any) -> None:
    """Let whoever has kofi's number, in any numbering, consent."""
    for subject in (KOFI, LENA):
        consent(service, subject, purpose=PURPOSE, **terms)


@step('the request body property "\\$\\.scopes" is set to a valid scope list')
@step('the request body property "\\$\\.purpose" is set to a valid purpose .*')
@step("the data processing is not allowed for the requested scope\\(s\\) and purpose")
def _pending(_world: World) -> None:
    """Nobody consented."""


@step("the data processing is allowed for the requested scope\\(s\\) and purpose(?: with an .*)?")
def _allowed(world: World) -> None:
    both(world.service)


@step(
    "the data processing is not allowed for the requested scope\\(s\\) and purpose because it has "
    "expired",
    "the data processing is not allowed for the requested scope\\(s\\) and purpose because Consent "
    "is pending, requested or expired",
)
def _over(world: World) -> None:
    both(world.service, validity=(-2 * _DAY, -_DAY))


@step('the request body property "\\$\\.requestCaptureUrl" is set to true')
def _with_address(world: World) -> None:
    world.set("$.requestCaptureUrl", True)


@step("the request body is set to any value which is not compliant with the schema at .*")
def _wrong(world: World) -> None:
    world.set("$.purpose", "marketing")


@step('the header "x-correlator" is set to a value which is not compliant .*')
def _wrong_correlator(world: World) -> None:
    world.headers["x-correlator"] = "not allowed: #"


@step('the request body property "\\$\\.scopes" and "\\$\\.purpose" are set to a value which .*')
def _not_onboarded(world: World) -> None:
    world.set("$.scopes", ["quality-on-demand:sessions:create"])


@step("the API Consumer has exceeded the maximum number of captureUrl requests .*")
def _often(world: World) -> None:
    for _ in range(MOST_REQUESTS):
        assert world.send().status_code == 200


@step('the request body property "\\$\\.callbackUrl" is set to an invalid URL')
def _wrong_callback(world: World) -> None:
    world.set("$.callbackUrl", "cinema")


@step('the response property "\\$\\.statusInfo\\[\\*\\]\\.(\\w+)" (.*)')
def _info(world: World, name: str, wanted: str) -> None:
    for info in world.property("statusInfo"):
        value, told = info.get(name), wanted
        if told.startswith("is either equal to or a subset"):
            assert set(value) <= set(world.body["scopes"])
        elif told == "matches the requested purpose":
            assert value == PURPOSE
        elif told in ("is true", "is false"):
            assert value is (told == "is true")
        elif told == "is present":
            assert value
        elif told.startswith("is present and its value is in the "):
            assert (datetime.fromisoformat(value) > datetime.now(UTC)) is told.endswith("future")
        else:
            assert f'"{value}"' in told


@step('the response property "\\$\\.captureUrl" is present and it contains a valid URL')
def _address(world: World) -> None:
    assert world.property("captureUrl").startswith(f"{CHANNEL}?request=")
