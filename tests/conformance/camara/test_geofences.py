"""Geofences beyond the scenarios: consent taken back, restarts, bills, secrets."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from api.camara import telling
from api.camara.scopes import LEFT
from graph.geofence.store import Geofences
from tests.api.conftest import village, village_endpoint
from tests.conformance.camara.fence import BEARER, created, kinds, sink, told, walk, world
from tests.conformance.camara.world import KOFIS_NUMBER, PARTNER, World, token
from tests.village import KEY, KOFI, LAKE, SCHOOL

__all__ = ["sink", "village", "village_endpoint", "world"]


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
    assert kinds(world) == ["subscription-started", "subscription-ended"], "in the next round"
    assert telling.EVERY_S < 1
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
