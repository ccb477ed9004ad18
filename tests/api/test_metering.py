"""Answers to partners and their usage records, also when the process is killed in between."""

import asyncio
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api import access
from api.context import Services
from api.metering import delivered, metered
from api.tokens import Viewer, issue_token
from graph.metering.meter import Meter
from graph.metering.quota import Quota
from graph.metering.record import Usage, month_of
from graph.partner.registry import Partners
from graph.settings import Role, Settings
from tests.api.conftest import Service, fresh_service

SHOP = Viewer("partner", "shop")
DOCUMENT = """{ viewer { role } models: experienceModels { version } ...more }
    fragment more on Query { __typename ... { again: experienceModels { version } } }"""


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    return fresh_service(nowhere, tmp_path)


@pytest.fixture
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let partners ask for something that needs no database."""
    for name in ("Query.experienceModels", "ExperienceModel.version"):
        monkeypatch.setitem(dict_of_rules(), name, access.EVERYBODY)


def dict_of_rules() -> dict[str, access.Roles]:
    assert isinstance(access.RULES, dict)
    return access.RULES


def records(settings: Settings) -> list[Usage]:
    return Meter.of(settings).records(month_of(datetime.now(UTC)))


def ask(service: Service, role: Role = "partner", key: str | None = None) -> httpx.Response:
    token = issue_token(service.settings, role, "shop")
    headers = {"authorization": f"Bearer {token}"} | ({"idempotency-key": key} if key else {})
    return service.request("POST", "/graphql", json={"query": DOCUMENT}, headers=headers)


@pytest.mark.usefixtures("_open")
def test_what_a_partner_is_answered_is_recorded(service: Service) -> None:
    assert ask(service).status_code == 200
    (record,) = records(service.settings)
    assert (record.partner, record.operation) == ("shop", "graphql/experienceModels")
    assert (record.units, record.state) == (2, "answered"), "what it asks of itself is free"
    assert ask(service, "analyst").status_code == 200
    assert len(records(service.settings)) == 1, "an analyst pays nothing"


@pytest.mark.usefixtures("_open")
def test_the_same_key_is_recorded_once(service: Service) -> None:
    assert [ask(service, key="k").status_code for _ in range(3)] == [200] * 3
    assert len(records(service.settings)) == 1
    other = service.request(
        "POST",
        "/graphql",
        json={"query": "{ experienceModels { version } }"},
        headers={
            "authorization": f"Bearer {issue_token(service.settings, 'partner', 'shop')}",
            "idempotency-key": "k",
        },
    )
    assert other.status_code == 409
    assert other.json()["errors"][0]["extensions"]["code"] == "ABORTED"
    assert ask(service, key="k" * 257).status_code == 400


@pytest.mark.usefixtures("_open")
def test_beyond_its_quota_a_partner_is_told_when_to_come_again(service: Service) -> None:
    partners = Partners.of(service.settings)
    partners.sign_up("shop", "Shop")
    partners.approve("shop", quota=Quota(day=1))
    assert ask(service, key="a").status_code == 200
    refused = ask(service)
    assert refused.status_code == 429
    wait_s = int(refused.headers["retry-after"])
    assert refused.json()["errors"][0]["extensions"]["retryAfter"] == wait_s
    assert 1 <= wait_s <= 86_400
    assert ask(service, key="a").status_code == 200, "a retry is no further call"
    assert len(records(service.settings)) == 1


@pytest.mark.usefixtures("_open")
def test_a_suspended_partner_is_not_answered_whatever_token_it_has(service: Service) -> None:
    partners = Partners.of(service.settings)
    partners.sign_up("shop", "Shop")
    assert ask(service).status_code == 403, "it waits for approval"
    partners.approve("shop")
    assert ask(service).status_code == 200
    partners.suspend("shop")
    refused = ask(service)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["message"] == "this partner is suspended"
    assert len(records(service.settings)) == 1


def test_oneself_costs_nothing_and_a_refusal_neither(service: Service) -> None:
    service.data("{ viewer { role } }", role="partner")
    assert service.errors("{ subscribers { totalCount } }", role="partner")
    assert not service.settings.usage_file.exists()


def test_an_error_leaves_no_record(service: Service) -> None:
    async def work(services: Services) -> None:
        with pytest.raises(ValueError, match="no answer"):
            async with metered(services, SHOP, "audience"):
                raise ValueError("no answer")
        async with metered(services, SHOP, "audience") as usage:
            usage.is_answer = False
        async with metered(services, SHOP, "audience"):
            delivered(3)
            delivered(4)

    service.run(work(service.services))
    assert [(one.units, one.state) for one in records(service.settings)] == [(7, "answered")]


_SERVED = """
import os, signal, sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from api.context import Services
from api.metering import Handover, key_of, metered
from api.tokens import Viewer
from graph.metering.meter import Meter
from graph.settings import Settings

home, port, moment = sys.argv[1:]
services = Services(Settings(home_dir=Path(home)), None, None, None)

def die(at):
    if at == moment:
        os.kill(os.getpid(), signal.SIGKILL)

def around(name, method):
    def wrapped(*arguments, **options):
        die(f"before {name}")
        done = method(*arguments, **options)
        die(f"after {name}")
        return done
    return wrapped

Meter.reserve = around("reserve", Meter.reserve)
Meter.answered = around("answered", Meter.answered)

async def answer(request):
    async with metered(services, Viewer("partner", "shop"), "test", key=key_of(request)):
        text = "the answer"
    return PlainTextResponse(text)

class Sending:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        async def sent(message):
            if message["type"] == "http.response.body":
                die("between head and body")
            await send(message)
        await self.app(scope, receive, sent)

app = Starlette(
    routes=[Route("/", answer)],
    middleware=[Middleware(Handover, services=services), Middleware(Sending)],
)
uvicorn.run(app, port=int(port), log_level="error")
"""


class Served:
    """The smallest service that is metered; a process of its own, to be killed."""

    def __init__(self, home: Path, moment: str = "never") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        arguments = [sys.executable, "-c", _SERVED, str(home), str(self.port), moment]
        self.process = subprocess.Popen(arguments)

    def ask(self, key: str) -> str | None:
        """Return the answer; ``None``: the process died first."""
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=30) as client:
            for _ in range(600):
                try:
                    headers = {"idempotency-key": key}
                    return client.get(f"http://127.0.0.1:{self.port}/", headers=headers).text
                except httpx.ConnectError:
                    if self.process.poll() is not None:
                        return None
                    asyncio.run(asyncio.sleep(0.1))
                except httpx.HTTPError:
                    return None
        raise AssertionError("the service does not start")


@pytest.mark.parametrize(
    ("moment", "is_answered"),
    [("after reserve", False), ("between head and body", False), ("before answered", True)],
)
def test_a_kill_loses_no_answer_and_bills_none_twice(
    nowhere: Service, tmp_path: Path, moment: str, is_answered: bool
) -> None:
    """SIGKILL at the worst moments, then the same call again by a client that saw it fail."""
    settings = Settings(home_dir=tmp_path)
    served = Served(tmp_path, moment)
    answer = served.ask("k")
    assert served.process.wait(30) == -signal.SIGKILL
    assert (answer == "the answer") == is_answered
    assert [one.state for one in records(settings)] == ["reserved"]
    Meter.of(settings).presume()
    service = fresh_service(nowhere, tmp_path)
    service.run(asked_again(service.services))
    assert [one.state for one in records(settings)] == ["presumed"]
    assert Meter.of(settings).verify().length == 1


async def asked_again(services: Services) -> None:
    async with metered(services, SHOP, "test", key="k"):
        pass
