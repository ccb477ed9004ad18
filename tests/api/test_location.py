"""Where somebody is, by GraphQL: a partner learns it as long as the person lets it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h3
import pytest
from starlette.testclient import WebSocketTestSession

from api import location
from api.tokens import issue_token
from graph.audit import AuditLog
from graph.consent.pairwise import pairwise
from graph.location.circle import Circle
from tests.api.conftest import Service, fresh_service
from tests.api.test_subscription import PROTOCOL, client_of
from tests.conformance.camara.world import PARTNER, PURPOSE, consent, see
from tests.village import KEY, KOFI, LAKE, LENA, SCHOOL

pytestmark = pytest.mark.database

WHERE = "query ($key: ID!) { subscriberLocation(key: $key) { h3 latDeg lonDeg radiusM at } }"
FOLLOW = "subscription ($key: ID!) { subscriberLocation(key: $key) { h3 } }"
FENCE = """subscription ($key: ID!, $lat: Float!, $lon: Float!) {
  geofence(key: $key, latDeg: $lat, lonDeg: $lon, radiusM: 500) { crossing }
}"""


def known_as(subject: str, partner: str = PARTNER) -> str:
    return pairwise(KEY, partner, 1, subject)


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    found = fresh_service(village, tmp_path)
    walk(found, SCHOOL)
    return found


def walk(service: Service, place: str) -> datetime:
    at = datetime.now(UTC)
    see(service, KOFI, place, at)
    return at


def where(service: Service, key: str, **options: Any) -> Any:
    asker = options or {"role": "partner", "subject": PARTNER, "purpose": PURPOSE}
    return service.data(WHERE, {"key": key}, **asker)["subscriberLocation"]


def test_somebody_is_where_they_were_seen_last(service: Service) -> None:
    at = walk(service, LAKE)
    lat_deg, lon_deg = h3.cell_to_latlng(LAKE)
    expected = {
        "h3": LAKE,
        "latDeg": pytest.approx(lat_deg),
        "lonDeg": pytest.approx(lon_deg),
        "radiusM": Circle.around(LAKE).radius_m,
        "at": at.isoformat(),
    }
    assert where(service, KOFI, role="analyst") == expected
    consent(service, KOFI)
    assert where(service, known_as(KOFI)) == expected
    assert where(service, "nobody", role="analyst") is None


def test_a_partner_sees_nobody_who_did_not_open_that_to_it_for_its_purpose(
    service: Service,
) -> None:
    consent(service, KOFI, ["apps"])
    consent(service, KOFI, partner="shop")
    consent(service, KOFI, purpose="dpv:AcademicResearch")
    consent(service, LENA, ["location"])
    asked_before = len(service.database.asked)
    for key in (known_as(KOFI), known_as(KOFI, "shop"), KOFI, known_as("asha"), "", "nobody"):
        assert where(service, key) is None
    assert len(service.database.asked) == asked_before, "the graph is asked for none of them"
    assert where(service, known_as(LENA)) is None, "who is nowhere is not to be told from them"


def test_what_is_told_is_billed_and_written_down(service: Service) -> None:
    consent(service, KOFI)
    for key in (known_as(KOFI), known_as(LENA)):
        where(service, key)
    month = f"{datetime.now(UTC):%Y-%m}"
    (record,) = service.services.meter.records(month, PARTNER)
    assert (record.operation, record.units) == ("graphql/subscriberLocation", 1)
    service.run(asyncio.sleep(0.4))
    (access,) = AuditLog.of(service.settings).accesses()
    assert (access.by, access.keys) == (PARTNER, [KOFI])


@contextmanager
def following(
    service: Service, query: str, subject: str = KOFI, **variables: Any
) -> Iterator[WebSocketTestSession]:
    token = issue_token(service.settings, "partner", PARTNER, PURPOSE)
    payload = {"query": query, "variables": {"key": known_as(subject), **variables}}
    with client_of(service) as client, client.websocket_connect("/graphql", [PROTOCOL]) as socket:
        greeting = {"Authorization": f"Bearer {token}"}
        socket.send_json({"type": "connection_init", "payload": greeting})
        assert socket.receive_json() == {"type": "connection_ack"}
        socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        yield socket


def told(socket: WebSocketTestSession) -> Any:
    message = socket.receive_json()
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    return message["payload"]["data"]


def test_whoever_takes_the_consent_back_ends_what_is_told_of_them(service: Service) -> None:
    given = consent(service, KOFI)
    with following(service, FOLLOW) as socket:
        assert told(socket) == {"subscriberLocation": {"h3": SCHOOL}}
        walk(service, LAKE)
        assert told(socket) == {"subscriberLocation": {"h3": LAKE}}
        service.services.consents.revoke(given, KOFI)
        walk(service, SCHOOL)
        assert socket.receive_json() == {"type": "complete", "id": "1"}
    month = f"{datetime.now(UTC):%Y-%m}"
    records = service.services.meter.records(month, PARTNER)
    assert [record.operation for record in records] == ["graphql/subscriberLocation"] * 2


@pytest.mark.parametrize("query", [FOLLOW, FENCE])
def test_a_stream_ends_within_a_second(
    service: Service, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """By a clock that its pauses alone move: the consent goes as one of them begins."""
    given, paused_s = consent(service, KOFI), list[float]()

    async def pause(seconds: float) -> None:
        if len(paused_s) == 2:
            await asyncio.to_thread(service.services.consents.revoke, given, KOFI)
        paused_s.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(location, "sleep", pause)
    area = dict(zip(("lat", "lon"), h3.cell_to_latlng(LAKE), strict=True))
    with following(service, query, **area if query == FENCE else {}) as socket:
        if query == FOLLOW:
            assert told(socket) == {"subscriberLocation": {"h3": SCHOOL}}
        assert socket.receive_json() == {"type": "complete", "id": "1"}
    assert len(paused_s) == 3
    assert paused_s[2] < 1


def test_nothing_is_told_of_somebody_who_did_not_consent(service: Service) -> None:
    for subject in (KOFI, "nobody"):
        with following(service, FOLLOW, subject) as socket:
            assert socket.receive_json() == {"type": "complete", "id": "1"}


def test_a_border_is_crossed_both_ways(service: Service) -> None:
    given = consent(service, KOFI)
    lat_deg, lon_deg = h3.cell_to_latlng(LAKE)
    with following(service, FENCE, lat=lat_deg, lon=lon_deg) as socket:
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}
        service.run(asyncio.sleep(0.6))  # it has looked once by then
        for place, crossing in ((LAKE, "ENTERED"), (SCHOOL, "LEFT"), (LAKE, "ENTERED")):
            walk(service, place)
            assert told(socket) == {"geofence": {"crossing": crossing}}
        service.services.consents.revoke(given, KOFI)
        assert socket.receive_json() == {"type": "complete", "id": "1"}


@pytest.mark.parametrize(("lat_deg", "radius_m"), [(91, 500), (55, 499)])
def test_what_is_no_area(service: Service, lat_deg: float, radius_m: float) -> None:
    query = f"""subscription ($key: ID!) {{
      geofence(key: $key, latDeg: {lat_deg}, lonDeg: 12, radiusM: {radius_m}) {{ at }}
    }}"""
    with following(service, query) as socket:
        message = socket.receive_json()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
