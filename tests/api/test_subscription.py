"""Subscriptions over WebSocket and server-sent events, as their protocols have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from api.application import create_application
from api.tokens import issue_token
from graph.database.session import Database
from graph.ledger import Ledger
from graph.problem.problem import Step
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import save
from graph.settings import Role, Settings
from tests.api.conftest import Service
from tests.graph.problem.test_states import AT, a_problem
from tests.village import KEY

PROTOCOL = "graphql-transport-ws"
CHANGES = """subscription Changes($since: DateTime, $filter: ProblemFilter) {
  problem(since: $since, filter: $filter) { missed problem { key state } event { action toState } }
}"""
ACKNOWLEDGE = 'mutation { acknowledgeProblem(key: "p") { state } }'


@contextmanager
def client_of(service: Service, **more: Any) -> Iterator[TestClient]:
    """Yield a client of an application with an event loop of its own."""
    settings = service.settings.model_copy(update={"live_interval_s": 0.05, **more})
    database = Database(lambda: service.database._endpoint, settings)
    ledger = Ledger(settings.ledger_file)
    with TestClient(create_application(settings, database, ledger, KEY)) as client:
        yield client


@pytest.fixture
def client(nowhere: Service) -> Iterator[TestClient]:
    """Yield a client without a database."""
    with client_of(nowhere) as client:
        yield client


def bearer(settings: Settings, role: Role = "admin") -> str:
    return f"Bearer {issue_token(settings, role, 'tester')}"


@contextmanager
def greeted(client: TestClient, settings: Settings, **more: Any) -> Iterator[WebSocketTestSession]:
    """Yield a connection that has shown who it is."""
    with client.websocket_connect("/graphql", [PROTOCOL], **more) as socket:
        payload = {"Authorization": bearer(settings)}
        socket.send_json({"type": "connection_init", "payload": payload})
        assert socket.receive_json() == {"type": "connection_ack"}
        yield socket


def closed_with(socket: WebSocketTestSession) -> int:
    with pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_json()
    return caught.value.code


def test_a_query_is_answered_once(client: TestClient, nowhere: Service) -> None:
    with greeted(client, nowhere.settings) as socket:
        payload = {"query": "{ viewer { role subject } }"}
        socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        told = socket.receive_json()
        assert (told["type"], told["id"]) == ("next", "1")
        assert told["payload"]["data"] == {"viewer": {"role": "ADMIN", "subject": "tester"}}
        assert socket.receive_json() == {"type": "complete", "id": "1"}
        socket.send_json({"type": "ping", "payload": {"a": 1}})
        assert socket.receive_json() == {"type": "pong", "payload": {"a": 1}}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { role } }"}}, 4401),
        ({"type": "connection_init", "payload": {"authorization": "Bearer x.y.z"}}, 4403),
        ({"type": "connection_init"}, 4403),
        ({"type": "start", "id": "1"}, 4400),
        ([], 4400),
    ],
)
def test_who_has_not_shown_who_they_are_is_sent_away(
    client: TestClient, message: Any, code: int
) -> None:
    with client.websocket_connect("/graphql", [PROTOCOL]) as socket:
        socket.send_json(message)
        assert closed_with(socket) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400),
        ('{"type": "connection_init"}', 4429),
        ('{"type": "subscribe", "id": "", "payload": {"query": "x"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": "x"}', 4400),
    ],
)
def test_what_the_protocol_does_not_have_closes(
    client: TestClient, nowhere: Service, text: str, code: int
) -> None:
    with greeted(client, nowhere.settings) as socket:
        socket.send_text(text)
        assert closed_with(socket) == code


def test_another_protocol_and_another_site_are_refused(client: TestClient) -> None:
    with client.websocket_connect("/graphql", ["graphql-ws"]) as socket:
        assert closed_with(socket) == 4406
    headers = {"origin": "https://elsewhere.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/graphql", [PROTOCOL], headers=headers),
    ):
        pass


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ('subscription { placeExperience(h3: "x") { cei } }', "BAD_USER_INPUT"),
    ],
)
def test_an_operation_that_cannot_be_run_ends_alone(
    client: TestClient, nowhere: Service, query: str, code: str
) -> None:
    with greeted(client, nowhere.settings) as socket:
        socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": query}})
        told = socket.receive_json()
        errors = told["payload"] if told["type"] == "error" else told["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == code
        if told["type"] == "next":
            assert socket.receive_json() == {"type": "complete", "id": "1"}
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}


def test_each_operation_is_judged_for_itself(client: TestClient, nowhere: Service) -> None:
    with client.websocket_connect("/graphql", [PROTOCOL]) as socket:
        payload = {"authorization": bearer(nowhere.settings, "partner")}
        socket.send_json({"type": "connection_init", "payload": payload})
        socket.receive_json()
        payload = {"query": "subscription { problem { missed } }"}
        socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        told = socket.receive_json()
        assert told["type"] == "error"
        assert told["payload"][0]["extensions"] == {"code": "PERMISSION_DENIED"}


def test_a_connection_ends_with_its_token(nowhere: Service) -> None:
    """The token lives a second, and whoever asked only once is not told any more."""
    with client_of(nowhere) as client:
        settings = nowhere.settings.model_copy(update={"token_ttl_s": 1})
        with greeted(client, settings) as socket:
            payload = {"query": "subscription { problem { missed } }"}
            socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
            assert closed_with(socket) == 4403


def test_an_event_stream_answers_a_query_and_refuses_as_http_does(
    client: TestClient, nowhere: Service
) -> None:
    headers = {"authorization": bearer(nowhere.settings), "accept": "text/event-stream"}
    response = client.post("/graphql", json={"query": "{ viewer { role } }"}, headers=headers)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    silence, told, end = response.text.split("\n\n", 2)
    assert (silence, end) == (":", "event: complete\ndata:\n\n")
    assert told.startswith('event: next\ndata: {"data":{"viewer":{"role":"ADMIN"}}')
    response = client.post("/graphql", json={"query": "{ nothing }"}, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (
        400,
        "application/json; charset=utf-8",
    )


def test_a_subscription_without_a_stream_is_told_what_it_needs(nowhere: Service) -> None:
    (error,) = nowhere.errors("subscription { problem { missed } }")
    assert error == (
        "BAD_USER_INPUT",
        "a subscription needs a WebSocket, or Accept: text/event-stream",
    )


@pytest.fixture
def with_problem(village: Service) -> Service:
    """Return the village with one open problem, `p`, opened at `AT`."""
    opened = (Entry(AT, SYSTEM, "open", None, "open"),)
    step = Step(replace(a_problem(), problem_id="p"), opened)
    village.run(save(village.database, [step]))
    return village


@pytest.mark.database
def test_all_who_listen_are_told_what_happens_to_problems(with_problem: Service) -> None:
    """Over one socket everything; over another what happened before, and only what is meant."""
    with (
        client_of(with_problem) as client,
        greeted(client, with_problem.settings) as socket,
        greeted(client, with_problem.settings) as other,
    ):
        subscribe = {"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}
        socket.send_json(subscribe)
        variables = {"since": AT.isoformat(), "filter": {"states": ["OPEN", "ACKNOWLEDGED"]}}
        other.send_json(subscribe | {"payload": {"query": CHANGES, "variables": variables}})
        assert _told(other) == ("OPEN", "open")
        assert with_problem.post(ACKNOWLEDGE).status_code == 200
        assert _told(socket) == ("ACKNOWLEDGED", "acknowledge")
        assert _told(other) == ("ACKNOWLEDGED", "acknowledge")
        socket.send_json({"type": "complete", "id": "1"})
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}


def _told(socket: WebSocketTestSession) -> tuple[str, str]:
    change = socket.receive_json()["payload"]["data"]["problem"]
    assert (change["missed"], change["problem"]["key"]) == (0, "p")
    return change["event"]["toState"], change["event"]["action"]
