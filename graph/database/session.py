"""One way to Neo4j: checked statements in, plain rows out, our own errors."""

import asyncio
import logging
import math
import time
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from neo4j import (
    READ_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncSession,
    Query,
    Record,
)
from neo4j.api import AsyncBookmarkManager
from neo4j.exceptions import AuthError, DriverError, Neo4jError, TransientError
from neo4j.time import Date, DateTime

from cypher import Statement, StatementError, statement
from graph.errors import (
    DatabaseError,
    DatabaseTimeout,
    DatabaseUnavailable,
    SchemaAlreadyThere,
)
from graph.settings import Settings

Row = dict[str, Any]
Result = TypeVar("Result")
Watch = Callable[[Statement], AbstractContextManager[None]]

# The driver tells of every lost connection by name and address; our errors say it once.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PING = statement("database/ping")
_CONNECT_TIMEOUT_S = 1.0
_SIGN_OF_LIFE_S = 0.6
_COMMANDS_PATIENCE_S = 20.0
_WRITE_RETRY_S = 30.0
_ABANDON_AFTER_S = 2 * _CONNECT_TIMEOUT_S
_ALREADY_THERE = frozenset(
    f"Neo.ClientError.Schema.{what}AlreadyExists"
    for what in ("EquivalentSchemaRule", "Index", "Constraint")
)
_NO_ANSWER = "the database does not answer"


@dataclass(frozen=True)
class Endpoint:
    """Where a database answers, and as whom to speak to it."""

    uri: str
    user: str
    password: str
    database: str = "neo4j"

    def __repr__(self) -> str:
        return f"Endpoint({self.uri!r}, {self.user!r}, database={self.database!r})"


class Database:
    """A pool of sessions that survives the database's absence.

    Parameters
    ----------
    locate : callable
        Returns the endpoint; asked again after a failure, because an embedded server that was
        started anew may listen elsewhere.
    settings : Settings
        Time limits.

    Attributes
    ----------
    watch : callable
        Returns a context that every statement of a request runs in, for figures and traces.
    """

    watch: Watch

    def __init__(self, locate: Callable[[], Endpoint], settings: Settings) -> None:
        self._locate = locate
        self._settings = settings
        self._sign_of_life_s = max(_SIGN_OF_LIFE_S, settings.patience_s / 2)
        self.watch = _unwatched
        self._endpoint = locate()
        self._bookmarks = _bookmarks_of(self._endpoint)
        self._driver = _open_driver(self._endpoint)
        self._heard_at_s = -math.inf
        self._ping: asyncio.Future[bool] | None = None
        self._silence: asyncio.Future[None] | None = None

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Run a reading statement and return all its rows.

        Raises
        ------
        DatabaseUnavailable
            Neo4j cannot be reached, or gives no sign of life for about two seconds.
        DatabaseTimeout
            The statement took longer than ``statement_timeout_s``; Neo4j has cancelled it.
        StatementError
            The parameters are not those of the statement's header, or it does not read.
        """
        _check(wanted, params, "read")
        told = self._settings
        answer = self._run(wanted, params)
        silence = self._noticed_silence()
        return await self._guarded(answer, silence, told.patience_s, told.statement_timeout_s)

    async def stream(self, wanted: Statement, **params: Any) -> AsyncIterator[Row]:
        """Run a reading statement of any length and yield its rows as they come.

        There is no time limit: this is for administration and projection, not for requests.

        Raises
        ------
        DatabaseUnavailable
            Neo4j cannot be reached, or went away in between.
        StatementError
            The parameters are not those of the statement's header, or it does not read.
        """
        _check(wanted, params, "read")
        async with self._translated(), self._reading() as session:
            async for record in await session.run(wanted.text, dict(params)):
                yield _row(wanted, record)

    async def write(self, wanted: Statement, **params: Any) -> list[Row]:
        """Run a writing statement in a transaction of its own, retried where that is safe.

        Raises
        ------
        DatabaseUnavailable
            Neo4j did not come back within 30 seconds, or then gives no sign of life.
        StatementError
            The parameters are not those of the statement's header, or it does not write.
        """
        _check(wanted, params, "write")
        with self.watch(wanted):
            return await self._commit((wanted, params))

    async def alter(self, *wanted: Statement) -> None:
        """Run statements that change the schema at once, retried where another one is in the way.

        ``IF NOT EXISTS`` sees no transaction that goes on beside: what it made meanwhile is there.
        """
        for each in wanted:
            _check(each, {}, "schema")
        try:
            await self._commit(*((each, {}) for each in wanted))
        except SchemaAlreadyThere:
            for each in wanted if len(wanted) > 1 else ():
                await self.alter(each)

    async def is_alive(self) -> bool:
        """Tell whether Neo4j gives, or has just given, a sign of life.

        It has half a second for that, or half of the settings' patience where this is more. All who
        wonder at the same time share one answer, so that a busy database is not asked the more the
        busier it is.
        """
        if time.monotonic() - self._heard_at_s < self._sign_of_life_s:
            return True
        if self._ping is None or self._ping.done():
            self._ping = asyncio.ensure_future(self._pinged())
        return await asyncio.shield(self._ping)

    async def _pinged(self) -> bool:
        try:
            await asyncio.wait_for(self._run(_PING, {}), self._sign_of_life_s)
        except (DatabaseError, TimeoutError):
            # It may have had no time for this one statement, but for others.
            if time.monotonic() - self._heard_at_s < self._sign_of_life_s:
                return True
            if self._silence and not self._silence.done():
                self._silence.set_result(None)  # nobody else needs to find it out alone
            return False
        return True

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()

    def _noticed_silence(self) -> asyncio.Future[None]:
        """Return what is done once somebody has found out that the database is silent."""
        if self._silence is None or self._silence.done():
            self._silence = asyncio.get_running_loop().create_future()
        return self._silence

    async def _guarded(
        self,
        answer: Awaitable[Result],
        silence: asyncio.Future[None],
        patience_s: float,
        limit_s: float,
    ) -> Result:
        """Wait for an answer as long as the database lives, and not much longer.

        A stopped database refuses connections at once, but a frozen one leaves its sockets open:
        without the sign of life, a request would hang until its statement's time limit.
        """
        task = asyncio.ensure_future(answer)
        task.add_done_callback(_seen)
        either: set[asyncio.Future[Any]] = {task, silence}
        deadline_s = time.monotonic() + limit_s
        try:
            while True:
                await asyncio.wait(either, timeout=patience_s, return_when=FIRST_COMPLETED)
                if task.done():
                    return task.result()
                if silence.done() or not await self.is_alive():
                    raise DatabaseUnavailable(_NO_ANSWER)
                if time.monotonic() > deadline_s:
                    raise DatabaseTimeout("the statement took too long and was cancelled")
                patience_s = self._sign_of_life_s
        finally:
            # A connection that is being opened must come to its own end: cancelled, it would leak.
            if not task.done():
                asyncio.get_running_loop().call_later(_ABANDON_AFTER_S, task.cancel)

    async def _run(self, wanted: Statement, params: Mapping[str, Any]) -> list[Row]:
        with suppress(DatabaseUnavailable):
            return await self._attempt(wanted, params)
        # A pooled connection may be that of a server which has been started anew since: once more.
        return await self._attempt(wanted, params)

    async def _attempt(self, wanted: Statement, params: Mapping[str, Any]) -> list[Row]:
        query = Query(wanted.text, timeout=self._settings.statement_timeout_s)
        with self.watch(wanted):
            async with self._translated(), self._reading() as session:
                result = await session.run(query, dict(params))
                rows = [_row(wanted, record) async for record in result]
        self._heard_at_s = time.monotonic()
        return rows

    async def _commit(self, *runs: tuple[Statement, Mapping[str, Any]]) -> list[Row]:
        async def work(transaction: AsyncManagedTransaction) -> list[Row]:
            rows: list[Row] = []
            for wanted, params in runs:
                result = await transaction.run(wanted.text, dict(params))
                rows += [_row(wanted, record) async for record in result]
            return rows

        async def committed() -> list[Row]:
            async with self._translated(), self._driver.session(**self._target()) as session:
                return await session.execute_write(work)

        # The driver may be trying again what others have given up.
        silence = asyncio.get_running_loop().create_future()
        return await self._guarded(committed(), silence, _WRITE_RETRY_S, math.inf)

    def _reading(self) -> AsyncSession:
        """Return a session for a server that reads: on a cluster, one that follows."""
        return self._driver.session(default_access_mode=READ_ACCESS, **self._target())

    def _target(self) -> dict[str, Any]:
        return {"database": self._endpoint.database, "bookmark_manager": self._bookmarks}

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (DriverError, Neo4jError, OSError) as error:
            translated = _translate(error)
            if isinstance(translated, DatabaseUnavailable):
                self._heard_at_s = -math.inf
                await self._relocate()
            raise translated from error

    async def _relocate(self) -> None:
        try:
            endpoint = self._locate()
        except DatabaseUnavailable:
            return  # still away: the next request looks again
        if endpoint != self._endpoint:
            old, self._endpoint = self._driver, endpoint
            self._bookmarks = _bookmarks_of(endpoint)
            self._driver = _open_driver(endpoint)
            await old.close()


@asynccontextmanager
async def opened(
    locate: Callable[[], Endpoint], settings: Settings, patience_s: float = _COMMANDS_PATIENCE_S
) -> AsyncIterator[Database]:
    """Open a database for a command, and close it again.

    A load keeps its machine busy, so the database's silence is borne for longer than that of
    `settings`, which is for requests.
    """
    database = Database(locate, settings.model_copy(update={"patience_s": patience_s}))
    try:
        yield database
    finally:
        await database.close()


def _open_driver(endpoint: Endpoint) -> AsyncDriver:
    return AsyncGraphDatabase.driver(
        endpoint.uri,
        auth=(endpoint.user, endpoint.password),
        connection_timeout=_CONNECT_TIMEOUT_S,
        connection_acquisition_timeout=_CONNECT_TIMEOUT_S + _SIGN_OF_LIFE_S,
        max_transaction_retry_time=_WRITE_RETRY_S,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )


def _bookmarks_of(endpoint: Endpoint) -> AsyncBookmarkManager | None:
    """Return what lets a reader on one server of a cluster see what was written on another.

    A single server needs none; and one whose store was exchanged would wait for ever for a
    transaction that only the old one had.
    """
    return AsyncGraphDatabase.bookmark_manager() if endpoint.uri.startswith("neo4j") else None


def _unwatched(_wanted: Statement) -> AbstractContextManager[None]:
    return nullcontext()


def _seen(task: "asyncio.Future[Any]") -> None:
    # A request that was given up must not be reported as a failure that nobody looked at.
    if not task.cancelled():
        task.exception()


def _check(wanted: Statement, params: Mapping[str, Any], mode: str) -> None:
    if wanted.mode != mode:
        raise StatementError(f"{wanted.name}: mode is {wanted.mode}, asked to {mode}")
    if set(params) != set(wanted.params):
        raise StatementError(
            f"{wanted.name}: wants parameters {sorted(wanted.params)}, got {sorted(params)}"
        )


def _translate(error: Exception) -> DatabaseError:
    """Turn a driver's error into ours, without its text: that may quote data."""
    if isinstance(error, AuthError):
        return DatabaseUnavailable("the database refuses our user name or password")
    if isinstance(error, Neo4jError):
        code = error.code or "no code"
        if "TransactionTimedOut" in code:
            return DatabaseTimeout("the statement took too long and was cancelled")
        if "DatabaseNotFound" in code:
            return DatabaseError("the server has no database of the name that is set")
        if code in _ALREADY_THERE:
            return SchemaAlreadyThere("the same index or constraint is there already")
        if isinstance(error, TransientError) or "DatabaseUnavailable" in code:
            return DatabaseUnavailable(f"the database cannot answer now ({code})")
        return DatabaseError(f"the database refused a statement ({code})")
    return DatabaseUnavailable("the database cannot be reached")


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def _row(wanted: Statement, record: Record) -> Row:
    row = dict(zip(record.keys(), record, strict=True))
    # Of millions of numbers in lists, each would be looked at, for nothing.
    row = row if wanted.is_plain else _native(row)
    for name in wanted.instants:
        row[name] = instant_since_1970(row[name])
    return row


def instant_since_1970(since_1970_us: int | None) -> datetime | None:
    """Return an instant that was sent as microseconds since 1970, in UTC; None: as it is."""
    return None if since_1970_us is None else _EPOCH + timedelta(microseconds=since_1970_us)


def _native(row: Row) -> Row:
    return {
        key: value if type(value) in _AS_THEY_ARE else _native_value(value)
        for key, value in row.items()
    }


def _native_value(value: Any) -> Any:
    if type(value) is dict:
        return _native(value)
    if type(value) is list:
        return [item if type(item) in _AS_THEY_ARE else _native_value(item) for item in value]
    return value.to_native() if isinstance(value, DateTime | Date) else value
