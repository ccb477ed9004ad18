"""One source of news for many listeners: read once, told to all, with bounded memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from graph.errors import DatabaseError

News = TypeVar("News")

MOST_WAITING = 256  # for each listener; then the oldest are left out


class Listener(Generic[News]):
    """Somebody who is told, at their own pace.

    Attributes
    ----------
    missed : int
        How many news were left out since the last that was taken, because too many waited.
    """

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._waiting: deque[News] = deque(maxlen=most_waiting)
        self._is_there = asyncio.Event()
        self._missed = 0
        self.missed = 0

    def tell(self, news: News) -> bool:
        """Put news where the listener takes it; return whether there was room."""
        has_room = len(self._waiting) < (self._waiting.maxlen or 0)
        self._missed += not has_room
        self._waiting.append(news)
        self._is_there.set()
        return has_room

    async def __aiter__(self) -> AsyncIterator[News]:
        """Yield news as they come, without end."""
        while True:
            await self._is_there.wait()
            news = self._waiting.popleft()
            self.missed, self._missed = self._missed, 0
            if not self._waiting:
                self._is_there.clear()
            yield news


class Feed(Generic[News]):
    """News that one task reads for as long as anybody listens.

    Parameters
    ----------
    open_source : callable
        Called when the first listener comes; what it returns is called at an interval and returns
        what is new since the last call. An absent database is waited for.
    every_s : float
        The interval.
    dropped : callable
        Called for each news that a slow listener was not told.
    """

    def __init__(
        self,
        open_source: Callable[[], Callable[[], Awaitable[Sequence[News]]]],
        every_s: float,
        dropped: Callable[[], None],
    ) -> None:
        self._open_source = open_source
        self._every_s = every_s
        self._dropped = dropped
        self._listeners: set[Listener[News]] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self) -> Iterator[Listener[News]]:
        """Yield a listener that is told what comes from now on."""
        listener = Listener[News]()
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_on(self._open_source()))
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._task.cancel()
                self._task = None

    async def _read_on(self, read: Callable[[], Awaitable[Sequence[News]]]) -> None:
        while True:
            try:
                for news in await read():
                    self._tell(news)
            except DatabaseError:
                pass  # what happens meanwhile is found when it is back
            await asyncio.sleep(self._every_s)

    def _tell(self, news: News) -> None:
        for listener in self._listeners:
            if not listener.tell(news):
                self._dropped()
