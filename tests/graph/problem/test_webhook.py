"""A ticket system that listens, one that fails, and one that comes back."""

import asyncio
import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from graph.database.session import Database, Endpoint, opened
from graph.problem.problem import Step
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import act, save
from graph.problem.webhook import body_of, tell
from graph.settings import Settings
from tests.graph.problem.test_states import a_problem
from tests.graph.problem.tickets import Tickets, listening

pytestmark = pytest.mark.database


@pytest.fixture
def tickets() -> Iterator[Tickets]:
    with listening() as server:
        yield server


def _settings(home: Path, tickets: Tickets) -> Settings:
    return Settings(home_dir=home, webhook_url=tickets.url, webhook_pause_s=0.001)


async def _opened(database: Database, at: datetime) -> None:
    await save(database, [Step(a_problem(), (Entry(at, SYSTEM, "open", None, "open"),))])


def _tell(endpoint: Endpoint, settings: Settings, *, first: bool = False, age_h: int = 0) -> int:
    """Tell what waits, in a process that has just begun; first there is something to tell."""

    async def run() -> int:
        async with opened(lambda: endpoint, settings) as database, httpx.AsyncClient() as client:
            if first:
                await _opened(database, datetime.now(UTC) - timedelta(hours=age_h))
                await act(database, "p1", "acknowledge", "mara@example.net")
                await act(database, "p1", "comment", "mara@example.net", "asked 4512345678")
            return await tell(database, settings, client)

    return asyncio.run(run())


def test_messages_come_in_order_signed_and_without_persons(
    empty_graph: Endpoint, tmp_path: Path, tickets: Tickets
) -> None:
    """The signature is computed here by the text of Standard Webhooks."""
    settings = _settings(tmp_path, tickets)
    assert _tell(empty_graph, settings, first=True) == 3
    bodies = [json.loads(body) for _, body in tickets.accepted]
    assert [body["type"] for body in bodies] == [
        "problem.open",
        "problem.acknowledge",
        "problem.comment",
    ]
    assert bodies[0]["data"] == {
        "problem_id": "p1",
        "state": "open",
        "domain": "radio",
        "department": "radio access",
        "severity": "major",
        "kind": "cell",
        "target": "4",
        "opened_at": "2026-01-08T06:00:00+00:00",
        "due_at": "2026-01-09T06:00:00+00:00",
        "began_on": "2026-01-07",
        "last_seen_on": "2026-01-07",
        "fall": 15.0,
        "samples": 60,
        "reopened": 0,
    }
    key = (tmp_path / "keys" / "webhook.key").read_bytes()
    for headers, body in tickets.accepted:
        assert b"mara" not in body
        assert b"4512345678" not in body
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        assert headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"
    assert len({headers["webhook-id"] for headers, _ in tickets.accepted}) == 3
    assert _tell(empty_graph, settings) == 0


def test_a_message_that_fails_is_posted_again(
    empty_graph: Endpoint, tmp_path: Path, tickets: Tickets
) -> None:
    tickets.statuses = [503, 500]
    assert _tell(empty_graph, _settings(tmp_path, tickets), first=True) == 3
    assert (tickets.asked, len(tickets.accepted)) == (5, 3)


def test_a_restart_loses_nothing_and_keeps_the_order(
    empty_graph: Endpoint, tmp_path: Path, tickets: Tickets
) -> None:
    """Four attempts fail: the round ends, and the next process begins with the same message."""
    tickets.statuses = [204, 500, 500, 500, 500]
    settings = _settings(tmp_path, tickets)
    assert _tell(empty_graph, settings, first=True) == 1
    assert _tell(empty_graph, settings) == 2
    types = [json.loads(body)["type"] for _, body in tickets.accepted]
    assert types == ["problem.open", "problem.acknowledge", "problem.comment"]


def test_what_is_older_than_three_days_is_given_up(
    empty_graph: Endpoint, tmp_path: Path, tickets: Tickets
) -> None:
    assert _tell(empty_graph, _settings(tmp_path, tickets), first=True, age_h=73) == 2
    assert [json.loads(body)["type"] for _, body in tickets.accepted] == [
        "problem.acknowledge",
        "problem.comment",
    ]


def test_without_an_address_nothing_is_sent_and_nothing_lost(
    empty_graph: Endpoint, tmp_path: Path, tickets: Tickets
) -> None:
    assert _tell(empty_graph, Settings(home_dir=tmp_path), first=True) == 0
    assert _tell(empty_graph, _settings(tmp_path, tickets)) == 3


def test_a_problem_of_one_subscriber_is_told_without_saying_whose() -> None:
    event = {"action": "open", "at": datetime.now(UTC), "to_state": "open"}
    told = json.loads(body_of(event, {"kind": "subscriber", "target": "4512345678"}))
    assert (told["data"]["kind"], told["data"]["target"]) == ("subscriber", None)
