"""Every scenario of CAMARA's location-retrieval.feature that applies, on the village."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.api.conftest import Service, village, village_endpoint
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.scenario import Scenario, scenarios
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import JONAS_NUMBER, KOFIS_NUMBER, World, settle_located

__all__ = ["village", "village_endpoint"]

NOT_APPLICABLE: Mapping[str, str] = {
    "location_retrieval_C01.07_device_not_supported": "it serves whoever consented",
    "location_retrieval_C01.08_device_identifiers_mismatch": "one kind of identifier is supported",
}


@pytest.fixture(scope="module")
def located(village: Service) -> Service:
    settle_located(village)
    return village


@pytest.mark.parametrize("scenario", scenarios("location-retrieval"))
def test_scenario(scenario: Scenario, located: Service, shared_standards: Path) -> None:
    if scenario.tag in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[scenario.tag])
    definition = Definition(shared_standards, "location-retrieval")
    body = {"device": {"phoneNumber": KOFIS_NUMBER}}
    step.run(World(located, definition, "location-retrieval", "/retrieve", body), scenario)


@step('the request body property "\\$\\.maxAge" is included')
def _with_age(world: World) -> None:
    world.set("$.maxAge", 600)


@step('the response property "\\$\\.lastLocationTime" value is not older than .*')
def _is_fresh(world: World) -> None:
    at = datetime.fromisoformat(world.property("lastLocationTime"))
    assert world.asked_at - at <= timedelta(seconds=600)
    assert at <= datetime.now(UTC)


@step('the "maxAge" is set to 6a0')
def _wrong_age(world: World) -> None:
    world.set("$.maxAge", "6a0")


@step("the testing device, .*, is located by the network operator within a surface of certain area")
@step("the testing device, .*, is not connected to the network for some time")
def _known(_world: World) -> None:
    """At school, a minute ago."""


@step('the request body property "\\$\\.maxSurface" is set to a value smaller than that area')
def _narrow(world: World) -> None:
    world.set("$.maxSurface", 10_000)


@step('the request body property "\\$\\.maxAge" is set to a value shorter than that time')
def _fresh(world: World) -> None:
    world.set("$.maxAge", 30)


@step("a valid testing device which cannot be located by the network operator, .*")
def _unlocated(world: World) -> None:
    world.set("$.device", {"phoneNumber": JONAS_NUMBER})
