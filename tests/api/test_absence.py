"""The database is away: every answer says so at once, and nothing has to be restarted."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import psutil
import pytest

from api.tokens import issue_token
from graph.database.server import locate, start, status, stop
from graph.errors import DatabaseUnavailable
from graph.ledger import Ledger
from graph.settings import Settings
from graph.subscriber import EVERYONE, count_subscribers
from tests.api.conftest import CountingDatabase, Service
from tests.api.test_user_view import VIEW
from tests.village import settle

AWAY = ("DATABASE_UNAVAILABLE", "the database cannot be reached")


def test_without_any_data_the_request_fails(nowhere: Service) -> None:
    began_s = time.perf_counter()
    response = nowhere.post('{ subscriber(key: "asha") { ...View } }' + VIEW)
    assert time.perf_counter() - began_s < 2
    assert response.status_code == 503
    assert response.json() == {
        "errors": [
            {
                "message": AWAY[1],
                "locations": [{"line": 1, "column": 3}],
                "path": ["subscriber"],
                "extensions": {"code": AWAY[0]},
            }
        ]
    }


def test_a_list_fails_likewise(nowhere: Service) -> None:
    response = nowhere.post("{ subscribers { totalCount } places { totalCount } }")
    assert response.status_code == 503
    assert list(response.json()) == ["errors"]


def test_what_needs_no_database_is_answered_beside_the_error(nowhere: Service) -> None:
    response = nowhere.post('{ viewer { role } subscriber(key: "asha") { key } }')
    assert response.status_code == 200
    assert response.json()["data"] == {"viewer": {"role": "ADMIN"}, "subscriber": None}
    assert [e["extensions"]["code"] for e in response.json()["errors"]] == [AWAY[0]]


def test_only_readiness_depends_on_the_database(nowhere: Service) -> None:
    assert nowhere.request("GET", "/healthz").json() == {"status": "alive"}
    response = nowhere.request("GET", "/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "database unavailable"})


@pytest.fixture(scope="module")
def own_village(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Iterator[Service]:
    """Serve the village from a server of its own, which may be stopped."""
    settings = settings_of(home_dir=tmp_path_factory.mktemp("own"), anonymous_role=None)
    start(settings)
    with asyncio.Runner() as runner:
        database = CountingDatabase(lambda: locate(settings), settings)
        runner.run(settle(database))
        yield Service(settings, database, Ledger(settings.ledger_file), runner)
        runner.run(database.close())
    stop(settings)


@pytest.fixture
def ask(own_village: Service) -> Callable[[], tuple[int, float]]:
    """Return a question that tells status and seconds of its answer."""

    def asked() -> tuple[int, float]:
        began_s = time.perf_counter()
        response = own_village.post("{ subscribers { nodes { ...View } } }" + VIEW)
        return response.status_code, time.perf_counter() - began_s

    return asked


@pytest.mark.database
def test_a_frozen_database_is_noticed_within_two_seconds(
    own_village: Service, ask: Callable[[], tuple[int, float]]
) -> None:
    """A stopped process keeps its sockets open, so only silence tells."""
    assert ask()[0] == 200
    server = psutil.Process(_server(own_village.settings))
    server.suspend()
    try:
        answered, took_s = ask()
        assert answered == 503
        assert took_s < 2

        async def several() -> list[object]:
            questions = (count_subscribers(own_village.database, EVERYONE) for _ in range(30))
            return await asyncio.gather(*questions, return_exceptions=True)

        began_s = time.perf_counter()
        assert len(own_village.run(several())) == 30
        assert time.perf_counter() - began_s < 2
    finally:
        server.resume()
    assert _eventually(ask)


@pytest.mark.database
def test_what_one_request_has_found_out_the_next_need_not_wait_for(
    own_village: Service,
) -> None:
    """Alone, each would wait for patience and sign of life: 1.6 s."""
    assert _counts(own_village)

    async def later(delay_s: float) -> float:
        await asyncio.sleep(delay_s)
        began_s = time.perf_counter()
        with pytest.raises(DatabaseUnavailable):
            await count_subscribers(own_village.database, EVERYONE)
        return time.perf_counter() - began_s

    async def three() -> tuple[float, float, float]:
        return await asyncio.gather(later(0), later(1), later(1.5))

    server = psutil.Process(_server(own_village.settings))
    server.suspend()
    try:
        first, meanwhile, last = own_village.run(three())
    finally:
        server.resume()
    assert first < 2
    assert meanwhile < 1.3
    assert last < 1
    assert _counts(own_village)


@pytest.mark.database
def test_a_frozen_database_is_noticed_as_soon_by_sixty_clients(
    own_village: Service, ask: Callable[[], tuple[int, float]]
) -> None:
    """What the first has found out, the others need not wait for."""
    assert _eventually(ask)
    headers = {"authorization": f"Bearer {issue_token(own_village.settings, 'admin', 'tester')}"}
    body = {"query": "{ subscribers(first: 1) { totalCount nodes { key traffic { events } } } }"}

    async def one(client: httpx.AsyncClient) -> tuple[int, float]:
        began_s = time.perf_counter()
        response = await client.post("/graphql", json=body, headers=headers)
        return response.status_code, time.perf_counter() - began_s

    async def sixty() -> list[tuple[int, float]]:
        transport = httpx.ASGITransport(own_village.application)
        async with httpx.AsyncClient(transport=transport, base_url="http://village") as client:
            return await asyncio.gather(*(one(client) for _ in range(60)))

    server = psutil.Process(_server(own_village.settings))
    server.suspend()
    try:
        answers = own_village.run(sixty())
    finally:
        server.resume()
    assert {status for status, _ in answers} == {503}
    assert max(took_s for _, took_s in answers) < 2
    assert _eventually(ask)


@pytest.mark.database
def test_a_restarted_database_is_found_again(
    own_village: Service, ask: Callable[[], tuple[int, float]]
) -> None:
    assert ask()[0] == 200
    stop(own_village.settings)
    answered, took_s = ask()
    assert answered == 503
    assert took_s < 2
    assert own_village.request("GET", "/readyz").status_code == 503
    start(own_village.settings)
    assert _eventually(ask)
    assert own_village.request("GET", "/readyz").status_code == 200


def _server(settings: Settings) -> int:
    state = status(settings)
    assert state
    return state.process_id


def _eventually(ask: Callable[[], tuple[int, float]]) -> bool:
    """Tell whether it answers again within ten seconds."""
    end_s = time.monotonic() + 10
    while time.monotonic() < end_s:
        if ask()[0] == 200:
            return True
        time.sleep(0.2)
    return False


def _counts(village: Service) -> bool:
    """Tell whether the simplest question is answered within thirty seconds."""
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        with suppress(DatabaseUnavailable):
            village.run(count_subscribers(village.database, EVERYONE))
            return True
    return False
