"""Every scenario of CAMARA's geofencing-subscriptions.feature that applies, on the village.

Kofi begins at school, and walks to the lake; his partner's sink is a server of its own.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from api.camara.scopes import ENTERED, EVENT, LEFT
from tests.api.conftest import village, village_endpoint
from tests.conformance.camara.fence import BEARER, body, created, kinds, sink, told, walk, world
from tests.conformance.camara.scenario import Scenario, scenarios
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import KOFIS_NUMBER, World, token
from tests.village import LAKE, SCHOOL

__all__ = ["sink", "village", "village_endpoint", "world"]

NOT_APPLICABLE: Mapping[str, str] = {
    "geofencing_subscriptions_02_create_subscription_async": "subscriptions begin at once",
    "geofencing_subscriptions_C01.07_device_not_supported": "it serves whoever consented",
    "geofencing_subscriptions_C01.08_device_identifiers_mismatch": (
        "one kind of identifier is supported"
    ),
}
REQUESTS = {
    "createGeofencingSubscription": ("POST", "/subscriptions"),
    "retrieveGeofencingSubscriptionList": ("GET", "/subscriptions"),
    "retrieveGeofencingSubscription": ("GET", "/subscriptions/{id}"),
    "deleteGeofencingSubscription": ("DELETE", "/subscriptions/{id}"),
}


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
