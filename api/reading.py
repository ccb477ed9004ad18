"""One request's reading: few statements at once, and one verdict on the database."""

from asyncio import Semaphore
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from cypher import Statement
from graph.database.session import Row
from graph.errors import DatabaseUnavailable
from graph.reader import Reader

_AT_ONCE = 6
Found = TypeVar("Found")


class RequestReader:
    """Reads for one request.

    A document with many fields would otherwise send all of their statements at once, and a busy
    database would look like an absent one. Once the database has been found absent, whatever
    still waits fails with the same error, so that a request never waits for it twice.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._slots = Semaphore(_AT_ONCE)
        self._absence: DatabaseUnavailable | None = None

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Run a reading statement and return all its rows."""
        return await self.wait(lambda: self._reader.read(wanted, **params))

    async def wait(self, read: Callable[[], Awaitable[Found]]) -> Found:
        """Wait for something that is read, as for any of this request's statements."""
        async with self._slots:
            if self._absence:
                raise self._absence
            try:
                return await read()
            except DatabaseUnavailable as error:
                self._absence = error
                raise
