"""The session on a real server: what it refuses, translates, cancels, and survives."""

import asyncio
import signal
import socket
import time
from asyncio import AbstractEventLoop, Task
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, LiteralString

import psutil
import pytest
from neo4j import GraphDatabase

from cypher import Mode, Statement, StatementError, statement
from graph.database.home import ServerState
from graph.database.server import locate, start, stop
from graph.database.session import Database, Endpoint, opened
from graph.errors import DatabaseError, DatabaseTimeout, DatabaseUnavailable
from graph.settings import Settings

PING = statement("database/ping")
HEAVY: LiteralString = (
    "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b "
    "WITH a, b WHERE a * b = -1 RETURN count(*) AS heavy"
)

pytestmark = pytest.mark.database


def made(text: LiteralString, mode: Mode = "read", **params: str) -> Statement:
    """Return a statement that no file holds."""
    return Statement("tests/made", "Made by a test.", text, mode, params, {})


def run(
    endpoint: Endpoint,
    work: Callable[[Database], Awaitable[Any]],
    settings: Settings | None = None,
) -> Any:
    """Run asynchronous work on an opened database."""

    async def opened_work() -> Any:
        told = settings or Settings()
        async with opened(lambda: endpoint, told, told.patience_s) as database:
            return await work(database)

    return asyncio.run(opened_work())


def test_a_read_gives_plain_rows(graph_server: Endpoint) -> None:
    """Neo4j's own temporal types become Python's, also inside lists and maps."""
    typed = made(
        "RETURN $at AS at, [date('2024-02-29')] AS days, {n: 1} AS map, null AS gone", at=""
    )
    at = datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=UTC)
    rows = run(graph_server, lambda database: database.read(typed, at=at))
    assert rows == [{"at": at, "days": [date(2024, 2, 29)], "map": {"n": 1}, "gone": None}]
    assert type(rows[0]["at"]) is datetime
    assert rows[0]["at"].utcoffset() == at.utcoffset()


def test_a_long_answer_takes_no_more_tasks_than_a_short_one(graph_server: Endpoint) -> None:
    """The server asks for no time limit of each piece, for which the driver makes a task each."""
    numbers = made("UNWIND range(1, $count) AS number RETURN number", count="int")

    async def counted(database: Database) -> list[int]:
        tasks: list[Task[Any]] = []

        def make(loop: AbstractEventLoop, work: Any, **told: Any) -> Task[Any]:
            tasks.append(Task(work, loop=loop, **told))
            return tasks[-1]

        await database.read(PING)  # opens the connection
        asyncio.get_running_loop().set_task_factory(make)
        found = []
        for count in (1, 100):
            tasks.clear()
            assert len(await database.read(numbers, count=count)) == count
            found.append(len(tasks))
        return found

    short, long = run(graph_server, counted)
    assert short == long


@pytest.mark.parametrize("text", ["2024-02-29T12:00:00.000005Z", "1969-12-31T23:59:59.999999Z"])
def test_an_instant_is_sent_as_a_number(graph_server: Endpoint, text: str) -> None:
    """What a statement sends of ``datetime(text)`` is what Python reads in the text."""
    cypher: LiteralString = (
        "WITH datetime($text) AS at "
        "RETURN at.epochMillis * 1000 + at.microsecond % 1000 AS at, null AS never"
    )
    returns = {"at": "instant", "never": "instant | null"}
    typed = Statement("tests/made", "Made by a test.", cypher, "read", {"text": "str"}, returns)
    rows = run(graph_server, lambda database: database.read(typed, text=text))
    assert rows == [{"at": datetime.fromisoformat(text), "never": None}]
    assert rows[0]["at"].tzinfo is UTC


@pytest.mark.parametrize(
    ("wanted", "params", "complaint"),
    [
        (PING, {"extra": 1}, "database/ping: wants parameters [], got ['extra']"),
        (statement("database/wipe"), {}, "database/wipe: mode is write, asked to read"),
    ],
)
def test_a_wrong_call_is_refused_before_it_is_sent(
    graph_server: Endpoint, wanted: Statement, params: dict[str, int], complaint: str
) -> None:
    with pytest.raises(StatementError) as caught:
        run(graph_server, lambda database: database.read(wanted, **params))
    assert str(caught.value) == complaint


def test_a_reading_statement_cannot_write(empty_graph: Endpoint) -> None:
    """The server refuses a write in a session that reads, whatever the header says."""
    sneaky = made("CREATE (n:Sneaky) RETURN 1 AS one")
    with pytest.raises(DatabaseError, match=r"Neo\.ClientError\.Statement\.AccessMode"):
        run(empty_graph, lambda database: database.read(sneaky))
    count = made("MATCH (n) RETURN count(n) AS nodes")
    assert run(empty_graph, lambda database: database.read(count)) == [{"nodes": 0}]


def test_an_error_does_not_quote_the_statement(graph_server: Endpoint) -> None:
    wrong = made("RETURN 'secret-4512345678' +")
    with pytest.raises(DatabaseError) as caught:
        run(graph_server, lambda database: database.read(wrong))
    assert str(caught.value) == (
        "the database refused a statement (Neo.ClientError.Statement.SyntaxError)"
    )


def test_a_wrong_password_is_named(graph_server: Endpoint) -> None:
    wrong = Endpoint(graph_server.uri, graph_server.user, "not this one")
    with pytest.raises(DatabaseUnavailable, match="refuses our user name or password"):
        run(wrong, lambda database: database.read(PING))
    assert "not this one" not in repr(wrong)


def test_a_long_statement_is_cancelled_in_the_database(graph_server: Endpoint) -> None:
    """Not only our waiting ends: a second later the server no longer runs it either.

    It takes longer than a database may be silent that gives no sign of life.
    """
    began_s = time.monotonic()
    with pytest.raises(DatabaseTimeout):
        run(
            graph_server,
            lambda database: database.read(made(HEAVY)),
            Settings(statement_timeout_s=1.0, patience_s=0.6),
        )
    assert time.monotonic() - began_s < 2.5
    time.sleep(1)
    assert running(graph_server) == []


def test_a_request_given_up_is_cancelled_in_the_database(graph_server: Endpoint) -> None:
    async def give_up(database: Database) -> None:
        task = asyncio.create_task(database.read(made(HEAVY)))
        await asyncio.sleep(0.5)
        assert len(running(graph_server)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(graph_server, give_up)
    time.sleep(1)
    assert running(graph_server) == []


def running(endpoint: Endpoint) -> list[str]:
    """Return the statements of tests that the server runs now."""
    with GraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password)) as driver:
        records, _, _ = driver.execute_query("SHOW TRANSACTIONS YIELD currentQuery AS text")
        return [record["text"] for record in records if "heavy" in record["text"]]


def test_a_hundred_reads_at_once(graph_server: Endpoint) -> None:
    async def many(database: Database) -> list[Any]:
        return await asyncio.gather(*(database.read(PING) for _ in range(100)))

    assert run(graph_server, many) == [[{"answer": 1}]] * 100


@pytest.fixture(scope="module")
def mortal(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Iterator[Settings]:
    """Give a server of its own, which tests may kill."""
    settings = settings_of(home_dir=tmp_path_factory.mktemp("mortal"))
    yield settings
    stop(settings)


@asynccontextmanager
async def watched(settings: Settings) -> AsyncIterator[Database]:
    """Open a database, and check at the end that no task of it is left."""
    before = asyncio.all_tasks()
    async with opened(partial(locate, settings), settings, settings.patience_s) as database:
        assert await database.read(PING) == [{"answer": 1}]
        yield database
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before


async def unavailable_within(database: Database, limit_s: float) -> None:
    began_s = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        await database.read(PING)
    assert time.monotonic() - began_s < limit_s


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_database_that_comes_back_is_found_again(mortal: Settings, number: int) -> None:
    state = start(mortal)

    async def lose_and_find() -> None:
        async with watched(mortal) as database:
            kill(state, number)
            await unavailable_within(database, 2)
            assert not await database.is_alive()
            elsewhere = mortal.model_copy(update={"bolt_port": free_port()})
            again = await asyncio.to_thread(start, elsewhere)
            assert again.port != state.port
            assert await database.read(PING) == [{"answer": 1}]
            assert await database.is_alive()

    asyncio.run(lose_and_find())


def test_a_restart_that_nobody_noticed_costs_no_request(mortal: Settings) -> None:
    """The pool is full of dead connections, and still the first request is answered."""
    state = start(mortal)

    async def restart_unnoticed() -> None:
        async with watched(mortal) as database:
            await asyncio.gather(*(database.read(PING) for _ in range(20)))
            kill(state, signal.SIGKILL)
            again = await asyncio.to_thread(start, mortal)
            assert again.port == state.port
            answers = await asyncio.gather(*(database.read(PING) for _ in range(20)))
            assert answers == [[{"answer": 1}]] * 20

    asyncio.run(restart_unnoticed())


def test_a_frozen_database_is_noticed_within_two_seconds(mortal: Settings) -> None:
    state = start(mortal)

    async def freeze_and_thaw() -> None:
        async with watched(mortal) as database:
            with frozen(state):
                await asyncio.gather(*(unavailable_within(database, 2) for _ in range(20)))
                await unavailable_within(database, 2)
            await asyncio.sleep(0.5)
            assert await database.read(PING) == [{"answer": 1}]

    asyncio.run(freeze_and_thaw())


def test_a_write_to_a_frozen_database_fails(
    mortal: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried for half a minute, which is a second here."""
    monkeypatch.setattr("graph.database.session._WRITE_RETRY_S", 1.0)
    wanted = made("CREATE (:Frozen {number: $number})", "write", number="int")
    state = start(mortal)

    async def freeze_and_thaw() -> None:
        async with watched(mortal) as database:
            with frozen(state):
                began_s = time.monotonic()
                with pytest.raises(DatabaseUnavailable):
                    await database.write(wanted, number=1)
                assert time.monotonic() - began_s < 3
            assert await database.write(wanted, number=2) == []
            await asyncio.sleep(2.5)  # until what was given up is let go of

    asyncio.run(freeze_and_thaw())


@contextmanager
def frozen(state: ServerState) -> Iterator[None]:
    """Stop a server for the block, to the last of its threads, which could answer until then."""
    process = state.process()
    assert process
    process.send_signal(signal.SIGSTOP)
    try:
        while any(
            psutil.Process(t.id).status() != psutil.STATUS_STOPPED for t in process.threads()
        ):
            time.sleep(0.01)
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def kill(state: ServerState, number: int) -> None:
    process = state.process()
    assert process
    process.send_signal(number)
    while state.process():
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
