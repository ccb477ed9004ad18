"""location-verification by the scenarios beside this file."""

import math
from pathlib import Path

import h3
import pytest

from tests.api.conftest import Service, village, village_endpoint
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.scenario import Scenario, of_text
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import JONAS_NUMBER, KOFIS_NUMBER, World, settle_located
from tests.village import LAKE, SCHOOL

__all__ = ["village", "village_endpoint"]

SCENARIOS = list(of_text(Path(__file__).with_name("location-verification.feature").read_text()))
EARTH_M = 6_371_007.18  # H3's radius of the earth


@pytest.fixture(scope="module")
def located(village: Service) -> Service:
    settle_located(village)
    return village


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.tag)
def test_scenario(scenario: Scenario, located: Service, shared_standards: Path) -> None:
    definition = Definition(shared_standards, "location-verification")
    latitude, longitude = h3.cell_to_latlng(SCHOOL)
    body = {
        "device": {"phoneNumber": KOFIS_NUMBER},
        "area": {
            "areaType": "CIRCLE",
            "center": {"latitude": latitude, "longitude": longitude},
            "radius": 1000,
        },
    }
    step.run(World(located, definition, "location-verification", "/verify", body), scenario)


@step("the requested area is of 1000 m around the device")
def _around(_world: World) -> None:
    """At school."""


@step("the requested area is of 500 m around the lake")
def _elsewhere(world: World) -> None:
    latitude, longitude = h3.cell_to_latlng(LAKE)
    world.set("$.area.center", {"latitude": latitude, "longitude": longitude})
    world.set("$.area.radius", 500)


@step("the requested area is of 500 m, with the device on its border")
def _on_the_border(world: World) -> None:
    latitude, longitude = h3.cell_to_latlng(SCHOOL)
    north = latitude + math.degrees(500 / EARTH_M)
    world.set("$.area.center", {"latitude": north, "longitude": longitude})
    world.set("$.area.radius", 500)


@step('the verification result is "(TRUE|FALSE)" without a match rate')
def _result(world: World, result: str) -> None:
    assert world.property("verificationResult") == result
    assert "matchRate" not in world.response.json()


@step('the verification result is "PARTIAL" with a match rate')
def _partial(world: World) -> None:
    assert world.property("verificationResult") == "PARTIAL"
    # A circle of 193 m on the border of one of 500 m. By angles at the centres, with chord c:
    angle, other = math.acos(193 / 1000), math.asin(math.sin(math.acos(193 / 1000)) * 193 / 500)
    lens = 193**2 * (angle - math.sin(2 * angle) / 2) + 500**2 * (other - math.sin(2 * other) / 2)
    assert world.property("matchRate") == round(100 * lens / (math.pi * 193**2))


@step("no device is in the response")
def _no_device(world: World) -> None:
    assert "device" not in world.response.json()


@step("a device that was never located")
def _unlocated(world: World) -> None:
    world.set("$.device", {"phoneNumber": JONAS_NUMBER})
