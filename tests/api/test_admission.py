"""How often, and how many at once, one asker is answered."""

import asyncio

import pytest

from api.admission import Admission
from api.errors import Refused
from api.execution import Question, respond
from api.tokens import Viewer
from graph.errors import TooManyRequests
from tests.api.conftest import Service

ANNA, BRAM = Viewer("partner", "anna"), Viewer("partner", "bram")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def ask(admission: Admission, viewer: Viewer) -> int | None:
    """Return after how many seconds to come again; ``None``: the request was let in."""
    try:
        with admission.admitted(viewer):
            return None
    except TooManyRequests as error:
        return error.retry_after_s


def test_an_asker_gets_their_rate_and_two_seconds_of_it_at_once() -> None:
    """One request in two seconds: the first is spent at once, the next grows within two seconds."""
    clock = Clock()
    admission = Admission({"partner": 0.5}, {}, clock)
    assert [ask(admission, ANNA) for _ in range(2)] == [None, 2]
    assert ask(admission, BRAM) is None
    clock.now_s += 1.5
    assert ask(admission, ANNA) == 1
    clock.now_s += 0.5
    assert ask(admission, ANNA) is None
    clock.now_s += 1_000
    assert [ask(admission, ANNA) for _ in range(2)] == [None, 2]


def test_so_many_run_at_once_and_the_next_may_when_one_has_ended() -> None:
    admission = Admission({"partner": 1_000}, {"partner": 2})
    with admission.admitted(ANNA):
        with admission.admitted(ANNA):
            assert ask(admission, ANNA) == 1
            assert ask(admission, BRAM) is None
        assert ask(admission, ANNA) is None


def test_what_fails_does_not_count_on() -> None:
    admission = Admission({}, {"care": 1})
    viewer = Viewer("care", "anna")
    for _ in range(3):
        with pytest.raises(ValueError, match="inside"), admission.admitted(viewer):
            raise ValueError("inside")


def test_who_asks_too_often_is_told_when_to_come_again(nowhere: Service) -> None:
    settings = nowhere.settings.model_copy(update={"request_rates": {"care": 0.01}})
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    assert service.post("{ viewer { role } }", role="care").status_code == 200
    response = service.post("{ viewer { role } }", role="care")
    assert response.status_code == 429
    assert response.headers["retry-after"] == "100"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert error["extensions"]["retryAfter"] == 100
    assert service.post("{ viewer { role } }", role="analyst").status_code == 200


def test_askers_are_forgotten_in_the_end() -> None:
    """Memory stays bounded, whatever names tokens carry."""
    admission = Admission({"partner": 1}, {})
    for number in range(10_050):
        ask(admission, Viewer("partner", f"asker {number}"))
    assert len(admission._buckets) == 10_000
    assert not admission._running


def test_requests_under_way_are_counted_over_http(nowhere: Service) -> None:
    """Two at once where one may run: the database is away, and waiting for it takes a while."""
    settings = nowhere.settings.model_copy(update={"requests_at_once": {"care": 1}})
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    viewer = Viewer("care", "anna")

    async def one() -> int:
        question = Question("{ subscribers { totalCount } }", {})
        try:
            return (await respond(services, question, viewer, "c")).status
        except Refused as refusal:
            return refusal.status

    async def two() -> list[int]:
        return list(await asyncio.gather(one(), one()))

    services = service.services
    assert sorted(service.run(two())) == [429, 503]
