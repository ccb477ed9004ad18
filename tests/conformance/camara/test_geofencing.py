"""Every scenario of CAMARA's geofencing-subscriptions.feature that applies, on the village.

Kofi begins at school, and walks to the lake; his partner's sink is a server of its own.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import pytest

from api.camara.scopes import ENTERED, EVENT, LEFT
from api.camara.telling import sinks, tell_partners
from graph.geofence.store import Geofences
from tests.api.conftest import Service, village, village_endpoint
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.scenario import Scenario, scenarios
from tests.conformance.camara.sink import Sink, listening
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import KOFIS_NUMBER, PARTNER, World, consent, see, token
from tests.village import KEY, KOFI, LAKE, SCHOOL

__all__ = ["village", "village_endpoint"]

NOT_APPLICABLE: Mapping[str, str] = {
    "geofencing_subscriptions_02_create_subscription_async": "subscriptions begin at once",
    "geofencing_subscriptions_C01.07_device_not_supported": "it serves whoever consented",
    "geofencing_subscriptions_C01.08_device_identifiers_mismatch": (
        "one kind of identifier is supported"
    ),
}
BEARER = "token-of-the-sink"
REQUESTS = {
    "createGeofencingSubscription": ("POST", "/subscriptions"),
    "retrieveGeofencingSubscriptionList": ("GET", "/subscriptions"),
    "retrieveGeofencingSubscription": ("GET", "/subscriptions/{id}"),
    "deleteGeofencingSubscription": ("DELETE", "/subscriptions/{id}"),
}


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


@pytest.mark.parametrize("scenario", scenarios("geofencing-subscriptions"))
def test_scenario(scenario: Scenario, world: World) -> None:
    if scenario.tag in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[scenario.tag])
    step.run(world, scenario)


@step(
    "that subscriptions are created synchronously",
    "a valid (?:geofencing )?subscription request body",
    "the API supports initial events to be sent",
    "the API provider only allows one event to be subscribed per subscription request",
    "the API provider requires the use of a Private JWT key .*",
    "the Private JWT key mechanism is not pre-configured in the environment",
    "the request body is compliant with the schema .*",
    "a client without Geofencing subscriptions created",
)
def _as_it_is(_world: World) -> None:
    """Leave the world as it begins."""


@step('the request "(create|retrieve|delete)(Geofencing\\w+)" is sent')
def _sent(world: World, act: str, what: str) -> None:
    world.method, path = REQUESTS[act + what]
    existing = world.path.rpartition("/")[2] if world.path.count("/") > 1 else "nobody"
    world.path = path.replace("{id}", existing)
    if world.method != "POST":
        world.body = None
    world.send()


@step(
    'a valid (?:geofencing )?subscription request body and header "Authorization" is expired',
)
def _expired(world: World) -> None:
    step.run_sentence(world, 'the header "Authorization" is set to an expired access token')


@step(
    'header "Authorization" set to an invalid access token',
    'header "Authorization" is not set to valid token',
)
def _invalid(world: World) -> None:
    world.bear("no.token.atall")


@step('the request does not include the "Authorization" header')
def _without(world: World) -> None:
    del world.headers["authorization"]


@step("a client with Geofencing subscriptions created")
@step(
    'the path parameter "subscriptionId" is set to the identifier of an existing .*',
    'path parameter "subscriptionId" is set to the identifier of an existing .*',
)
def _existing(world: World) -> None:
    bearer = world.headers["authorization"]
    world.bear(token(world.service))
    world.path = f"/subscriptions/{created(world)}"
    world.headers["authorization"] = bearer


@step('the path parameter "subscriptionId" is set to a value not corresponding .*')
def _unknown_id(world: World) -> None:
    world.path = "/subscriptions/4e15"


@step("the response body is an empty array")
def _empty(world: World) -> None:
    assert world.response.json() == []


@step("the response body has an array of items and each item complies with the OAS schema .*")
def _array(world: World) -> None:
    assert len(world.response.json()) == 1  # it was held against the definition


@step('if the response property "\\$\\.status" is 20[24] then .*')
def _no_body(world: World) -> None:
    assert (world.response.status_code, world.response.content) == (204, b"")


@step('(?:the )?event notification "(subscription-\\w+)" is received on callback-url')
def _lifecycle(world: World, kind: str) -> None:
    assert kind in kinds(world)


@step('event notification "<event-type>" is received on callback-url')
def _crossing(world: World) -> None:
    assert "area-entered" in kinds(world)


@step("an event notification of the subscribed type is received on callback-url")
def _subscribed(world: World) -> None:
    assert kinds(world) == ["subscription-started", "area-entered"]


@step('an event notification "([\\w-]+)" is sent to the specified callback URL')
def _notified(world: World, kind: str) -> None:
    assert kinds(world)[-1] == kind


@step("the sink credentials specified when the subscription was created are included")
def _credentials(world: World) -> None:
    assert world.sink
    assert {headers["authorization"] for headers, _ in world.sink.got} == {f"Bearer {BEARER}"}


@step('notification body complies with the OAS schema at "#([^"]+)"')
def _schema(world: World, pointer: str) -> None:
    world.definition.check(told(world)[-1], pointer)


@step('type="([^"]+)"', 'the notification property "\\$.type" is equal to "([^"]+)"')
def _type(world: World, kind: str) -> None:
    assert told(world)[-1]["type"] == kind


@step('the response property "\\$\\.(initiationReason|terminationReason)" is "(\\w+)"')
def _reason(world: World, name: str, reason: str) -> None:
    assert told(world)[-1]["data"][name] == reason


@step('the notification property "\\$.data.subscriptionId" is equal to the existing .*')
def _same_subscription(world: World) -> None:
    event = told(world)[-1]
    assert event["data"]["subscriptionId"] == world.property("id")
    assert event["data"]["device"] == {"phoneNumber": KOFIS_NUMBER}


@step('an existing Geofencing subscription with some value for the property "expiresAt" in .*')
def _short(world: World) -> None:
    ends_at = datetime.now(UTC) + timedelta(seconds=0.5)
    world.set("$.config.subscriptionExpireTime", ends_at.isoformat())
    created(world)
    assert datetime.fromisoformat(world.property("expiresAt")) == ends_at


@step("the subscription is expired")
def _over(_world: World) -> None:
    time.sleep(0.5)


@step('an existing Geofencing subscription with the property "config.subscriptionMaxEvents" .*')
def _one_event(world: World) -> None:
    world.set("$.config.subscriptionMaxEvents", 1)
    created(world)


@step("the event subscribed occurs", "the device enters the area in the subscription")
def _enters(world: World) -> None:
    told(world)
    walk(world.service, LAKE)


@step('a valid subscription of type "([^"]+)" for certain device and area')
def _of_type(world: World, event: str) -> None:
    assert world.sink
    world.body = body(world.sink, event, LAKE if event == ENTERED else SCHOOL)
    created(world)


@step("the device leaves the area in the subscription")
def _leaves(world: World) -> None:
    told(world)
    walk(world.service, LAKE)


@step('a valid subscription request body with property "\\$.config.initialEvent" set to true')
def _initial(world: World) -> None:
    assert world.sink
    world.body = body(world.sink, ENTERED, SCHOOL, initialEvent=True)


@step("the request body is not compliant with the schema .*")
def _not_compliant(world: World) -> None:
    world.leave_out("$.config.subscriptionDetail.area")


@step('the request property "\\$.config.subscriptionExpireTime" in the past')
def _past(world: World) -> None:
    world.set("$.config.subscriptionExpireTime", "2020-01-01T00:00:00Z")


@step('the request body property "\\$.types" is set to an invalid value')
def _invalid_type(world: World) -> None:
    world.set("$.types", [f"{EVENT}area-crossed"])


@step('the request property "\\$.protocol" is not equal to "HTTP"')
def _protocol(world: World) -> None:
    world.set("$.protocol", "MQTT3")


@step('the request property "\\$.sinkCredential.(\\w+)" is equal to "(\\w+)"')
def _credential(world: World, name: str, value: str) -> None:
    assert world.body["sinkCredential"][name] == value


@step('the request property "\\$.sinkCredential.credentialType" is not equal to .*')
def _credential_type(world: World) -> None:
    world.set("$.sinkCredential.credentialType", "PLAIN")


@step('the request property "\\$.sinkCredential.accessTokenType" is not equal to "bearer"')
def _token_type(world: World) -> None:
    world.set("$.sinkCredential.accessTokenType", "mac")


@step('the request property "\\$.sink" is not matching the defined pattern')
def _wrong_sink(world: World) -> None:
    world.set("$.sink", "http://sink.example/")
    world.send()


@step('a valid subscription request body with the property "\\$.sinkCredential.credentialType" .*')
def _private_key(world: World) -> None:
    credential = {"credentialType": "PRIVATE_KEY_JWT", "clientId": "shop"}
    world.set("$.sinkCredential", {**credential, "tokenUri": "https://shop.example/token"})


@step('the request body property "\\$.area" is set to an unsupported / uncovered area')
def _uncovered(world: World) -> None:
    centre = {"latitude": -33.0, "longitude": 151.0}
    world.set("$.config.subscriptionDetail.area.center", centre)


@step('the request body property "\\$.area" is set with an too small area-size')
def _too_small(world: World) -> None:
    world.set("$.config.subscriptionDetail.area.radius", 10)


@step('the request body property "\\$.types" is set to an array with 2 valid items')
def _two_types(world: World) -> None:
    world.set("$.types", [ENTERED, LEFT])


def test_whoever_takes_the_consent_back_ends_it_and_is_told_of_no_more(world: World) -> None:
    """The crossing that was not sent yet is not sent any more; the partner learns that it ended."""
    identifier = created(world)
    assert kinds(world) == ["subscription-started"]
    walk(world.service, LAKE)
    (given,) = world.service.services.consents.of(KOFI)
    world.service.services.consents.revoke(given.consent_id, KOFI)
    world.method, world.path, world.body = "GET", f"/subscriptions/{identifier}", None
    assert world.send().status_code == 404, "at once, before anything has looked"
    world.path = "/subscriptions"
    assert world.send().json() == []
    assert kinds(world) == ["subscription-started", "subscription-ended"]
    assert told(world)[-1]["data"]["terminationReason"] == "NETWORK_TERMINATED"
    walk(world.service, SCHOOL)
    assert len(kinds(world)) == 2


def test_what_waits_when_the_consent_goes_is_not_sent(world: World) -> None:
    assert world.sink
    created(world)
    told(world)
    world.sink.statuses += [500]
    walk(world.service, LAKE)
    assert kinds(world)[-1] == "area-entered"
    world.sink.got.clear()
    (given,) = world.service.services.consents.of(KOFI)
    world.service.services.consents.revoke(given.consent_id, KOFI)
    eventually(lambda: kinds(world) == ["subscription-ended"])


def test_what_is_not_taken_comes_again_in_order_also_after_a_restart(world: World) -> None:
    assert world.sink
    world.sink.statuses += [500, 500]
    identifier = created(world)
    told(world)
    walk(world.service, LAKE)
    told(world)
    world.service.services.geofences.let_go()
    eventually(lambda: kinds(world)[-1] == "area-entered")
    ids = [event["id"] for event in told(world)]
    assert kinds(world) == ["subscription-started"] * (len(ids) - 1) + ["area-entered"]
    assert len(set(ids)) == 2
    world.method, world.path, world.body = "GET", f"/subscriptions/{identifier}", None
    assert world.send().status_code == 200


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.3)


def test_whoever_answers_gone_is_told_nothing_any_more(world: World) -> None:
    assert world.sink
    created(world)
    world.sink.statuses += [410]
    assert kinds(world) == ["subscription-started"]
    walk(world.service, LAKE)
    assert kinds(world) == ["subscription-started"]
    assert world.service.services.geofences.all() == []


def test_a_token_of_the_sink_that_ends_ends_the_geofence(world: World) -> None:
    ends_at = datetime.now(UTC) + timedelta(seconds=5)
    world.set("$.sinkCredential.accessTokenExpiresUtc", ends_at.isoformat())
    created(world)
    assert told(world)[-1]["data"]["terminationReason"] == "ACCESS_TOKEN_EXPIRED"


def test_each_crossing_that_is_told_is_one_usage_record(world: World) -> None:
    created(world)
    for place in (LAKE, SCHOOL, LAKE):
        walk(world.service, place)
        told(world)
    month = f"{datetime.now(UTC):%Y-%m}"
    records = world.service.services.meter.records(month, PARTNER)
    operations = [one.operation for one in records]
    assert operations.count("geofencing-subscriptions/subscriptions") == 1
    assert operations.count("geofencing-subscriptions/notification") == 2
    assert {one.state for one in records} == {"answered"}


def test_a_partner_has_its_own_geofences_alone(world: World) -> None:
    identifier = created(world)
    for partner, person in (("shop", None), (PARTNER, "asha")):
        world.bear(token(world.service, partner=partner, person=person))
        world.body = None
        world.method, world.path = "GET", "/subscriptions"
        assert world.send().json() == []
        for method in ("GET", "DELETE"):
            world.method, world.path = method, f"/subscriptions/{identifier}"
            assert world.send().status_code == 404
    world.bear(token(world.service, person=KOFI))
    world.method = "GET"
    assert world.send().status_code == 200


def test_the_scope_is_that_of_the_event(world: World) -> None:
    world.bear(token(world.service, [f"geofencing-subscriptions:{LEFT}:create"]))
    assert world.send().status_code == 403


@pytest.mark.parametrize("name", ["Host", "authorization", "Content-Length", "bad name"])
def test_headers_of_the_delivery_are_ours(world: World, name: str) -> None:
    world.set("$.protocolSettings", {"headers": {name: "value"}})
    assert world.send().json()["code"] == "INVALID_ARGUMENT"


def test_headers_of_the_partner_go_along(world: World) -> None:
    assert world.sink
    settings = {"headers": {"X-Shop": "north"}, "method": "POST"}
    world.set("$.protocolSettings", settings)
    created(world)
    told(world)
    assert world.sink.got[0][0]["x-shop"] == "north"


def test_nothing_of_the_number_or_the_sink_is_readable_in_the_file(world: World) -> None:
    created(world)
    file = world.service.settings.sinks_file
    content = b"".join(path.read_bytes() for path in file.parent.iterdir())
    for secret in (BEARER, KOFIS_NUMBER[1:], "localhost"):
        assert secret.encode() not in content
    store = Geofences(file, KEY)
    store.forget([KOFI])
    assert store.all() == []
    assert kinds(world) == []
