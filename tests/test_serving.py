"""The end of a service, and of its workers: who is being answered is answered."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from graph.database.session import Endpoint
from tests.lab import Lab

pytestmark = pytest.mark.database

QUESTION = {"query": "{ viewer { role } }"}
ANSWER = {"viewer": {"role": "ANALYST"}}
WITHIN_S = 120.0


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    return Lab(tmp_path / "home", empty_graph, {"anonymous_role": "analyst"})


def test_workers_are_renewed_without_a_request_lost(lab: Lab) -> None:
    """On SIGHUP; whoever asks meanwhile, over a new connection each time, sees nothing of it."""
    with lab.serving("serve", "--workers", "2", ends_by=signal.SIGTERM) as (process, address):
        assert httpx.post(address, json=QUESTION, timeout=WITHIN_S).json()["data"] == ANSWER
        former = answering(process.pid)
        with asking(address) as answers:
            process.send_signal(signal.SIGHUP)
            until(lambda: len(now := answering(process.pid)) == 2 and not now & former)
    assert len(answers) > 10
    assert all(answer == ANSWER for answer in answers)


def test_who_is_being_answered_is_answered_and_who_listens_is_sent_away(lab: Lab) -> None:
    """SIGTERM comes when half of a request has been sent, and while somebody listens."""
    body = json.dumps(QUESTION).encode()
    with lab.serving("serve", ends_by=signal.SIGTERM) as (process, address):
        subscription = {"query": "subscription { problem { missed } }"}
        streamed = {"accept": "text/event-stream"}
        with httpx.stream(
            "POST", address, json=subscription, headers=streamed, timeout=60
        ) as heard:
            events = heard.iter_lines()
            assert next(events) == ":"
            slow = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
            slow.putrequest("POST", "/graphql")
            slow.putheader("content-type", "application/json")
            slow.putheader("content-length", str(len(body)))
            slow.endheaders(body[:5])
            # Who comes later is answered, so the half has been read.
            assert httpx.post(address, json=QUESTION, timeout=60).json()["data"] == ANSWER
            process.send_signal(signal.SIGTERM)
            assert list(events) == [""], "ended, not completed: who is sent away comes again"
            slow.send(body[5:])
            answer = slow.getresponse()
            assert (answer.status, json.loads(answer.read())["data"]) == (200, ANSWER)
        process.wait(WITHIN_S)
        with pytest.raises(httpx.ConnectError):
            httpx.post(address, json=QUESTION)


def test_a_new_service_takes_over_a_shared_port(lab: Lab) -> None:
    """Somebody listens all the time, and nobody waits for a service that is still starting."""
    shared = ("serve", "--share-port")
    with (
        lab.serving(*shared, ends_by=signal.SIGTERM) as (old, address),
        asking(address) as answers,
    ):
        port = urlsplit(address).port or 0
        until(lambda: len(answers) > 0 and ANSWER in answers)
        del answers[:]  # those before it listened
        with lab.serving(*shared, port=port, ends_by=signal.SIGTERM) as (new, same):
            assert same == address
            assert not listens(new.pid, port), "it is announced before it can answer"
            until(lambda: listens(new.pid, port))
            old.send_signal(signal.SIGTERM)
            assert old.wait(WITHIN_S) == 0
            of_both = len(answers)
            until(lambda: len(answers) > of_both + 10)
            missed = [answer for answer in answers if answer != ANSWER]
    assert of_both > 10
    # Whom the kernel had connected to the old one in its very last moment must ask again.
    assert len(missed) <= 1, missed
    assert not any(isinstance(each, httpx.ConnectError) for each in missed)


def listens(pid: int, port: int) -> bool:
    """Tell whether a process listens on a port."""
    return any(
        each.status == psutil.CONN_LISTEN and each.laddr.port == port
        for each in psutil.Process(pid).net_connections("tcp")
    )


def answering(pid: int) -> set[int]:
    """Return the workers of a service that live."""
    found = set()
    for child in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):
            if "resource_tracker" not in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


@contextmanager
def asking(address: str) -> Iterator[list[object]]:
    """Ask again and again beside the block, and yield what is answered, or why it is not."""
    answers: list[object] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                answers.append(httpx.post(address, json=QUESTION, timeout=60).json().get("data"))
            except httpx.HTTPError as error:
                answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        enough.set()
        thread.join()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.2)
