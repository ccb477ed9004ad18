"""A geofence around the lake of the village, and the sink that is told of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import pytest

from api.camara.scopes import ENTERED, EVENT
from api.camara.telling import sinks, tell_partners
from tests.api.conftest import Service
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.sink import Sink, listening
from tests.conformance.camara.world import KOFIS_NUMBER, World, consent, see
from tests.village import KOFI, LAKE, SCHOOL

BEARER = "token-of-the-sink"


def body(sink: Sink, event: str = ENTERED, place: str = LAKE, **config: Any) -> dict[str, Any]:
    """Return a valid request about kofi; at the beginning he is outside the area."""
    latitude, longitude = h3.cell_to_latlng(place)
    area = {
        "areaType": "CIRCLE",
        "center": {"latitude": latitude, "longitude": longitude},
        "radius": 500,
    }
    return {
        "protocol": "HTTP",
        "sink": sink.address,
        "types": [event],
        "sinkCredential": {
            "credentialType": "ACCESSTOKEN",
            "accessToken": BEARER,
            "accessTokenExpiresUtc": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "accessTokenType": "bearer",
        },
        "config": {
            "subscriptionDetail": {"device": {"phoneNumber": KOFIS_NUMBER}, "area": area},
            **config,
        },
    }


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with listening(tmp_path_factory.mktemp("sink")) as sink:
        yield sink


@pytest.fixture
def world(village: Service, sink: Sink, shared_standards: Path, tmp_path: Path) -> World:
    more = {
        "home_dir": tmp_path,
        "sink_networks": ["127.0.0.0/8"],
        "sink_ca_file": sink.certificate,
        "request_rates": {"partner": 1e6},
    }
    settings = village.settings.model_validate({**village.settings.model_dump(), **more})
    service = Service(settings, village.database, village.ledger, village.runner)
    consent(service, KOFI, ["location"])
    walk(service, SCHOOL)
    sink.got.clear()
    sink.statuses.clear()
    definition = Definition(shared_standards, "geofencing-subscriptions")
    found = World(service, definition, "geofencing-subscriptions", "/subscriptions", body(sink))
    found.sink = sink
    return found


def walk(service: Service, place: str) -> None:
    see(service, KOFI, place, datetime.now(UTC))


def told(world: World) -> list[dict[str, Any]]:
    """Tell partners until nothing is left, and return what came, each as its kind has it."""
    services = world.service.services
    assert world.sink

    async def tell() -> None:
        async with sinks(services) as client:
            before = -1
            while before != len(world.sink.got if world.sink else ()):
                before = len(world.sink.got if world.sink else ())
                await tell_partners(services, client)

    world.service.run(tell())
    for headers, event in world.sink.got:
        assert headers["content-type"] == "application/cloudevents+json"
        world.definition.check(event, "/components/schemas/CloudEvent")
    return [event for _, event in world.sink.got]


def kinds(world: World) -> list[str]:
    return [event["type"].removeprefix(EVENT) for event in told(world)]


def created(world: World, **changes: Any) -> str:
    """Create a geofence, and return its identifier."""
    world.method, world.path = "POST", "/subscriptions"
    world.body |= changes
    assert world.send().status_code == 201, world.response.text
    return str(world.property("id"))
