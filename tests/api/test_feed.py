"""One reader for all listeners, in bounded memory."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from api.feed import MOST_WAITING, Feed
from graph.errors import DatabaseUnavailable


class Source:
    """News that a test hands in, and how often they were looked for."""

    def __init__(self) -> None:
        self.news: list[int] = []
        self.opened = 0
        self.reads = 0
        self.is_away = False

    def open(self) -> Callable[[], Awaitable[Sequence[int]]]:
        self.opened += 1

        async def read() -> Sequence[int]:
            self.reads += 1
            if self.is_away:
                raise DatabaseUnavailable("away")
            found, self.news = self.news, []
            return found

        return read


def test_all_hear_what_one_task_reads() -> None:
    source, dropped = Source(), 0

    async def run() -> list[list[int]]:
        feed = Feed(source.open, 0.001, lambda: None)
        with feed.listening() as one, feed.listening() as other:
            source.news = [1, 2, 3]
            heard = []
            for listener in (one, other):
                news = aiter(listener)
                heard.append([await anext(news) for _ in range(3)])
        return heard

    assert asyncio.run(run()) == [[1, 2, 3], [1, 2, 3]]
    assert (source.opened, dropped) == (1, 0)


def test_nothing_is_read_while_nobody_listens() -> None:
    source = Source()

    async def run() -> None:
        feed = Feed(source.open, 0.001, lambda: None)
        with feed.listening():
            await asyncio.sleep(0.02)
        reads = source.reads
        await asyncio.sleep(0.02)
        assert source.reads == reads > 0
        with feed.listening():
            await asyncio.sleep(0.02)

    asyncio.run(run())
    assert source.opened == 2


def test_who_reads_slowly_is_told_the_latest_and_how_much_they_missed() -> None:
    """The bound is 256, so of 300 the first 44 are left out."""
    source, dropped = Source(), []

    async def run() -> tuple[list[int], list[int]]:
        feed = Feed(source.open, 0.001, lambda: dropped.append(1))
        with feed.listening() as listener:
            source.news = list(range(300))
            await asyncio.sleep(0.05)
            news, heard, missed = aiter(listener), [], []
            for _ in range(MOST_WAITING):
                heard.append(await anext(news))
                missed.append(listener.missed)
        return heard, missed

    heard, missed = asyncio.run(run())
    assert heard == list(range(44, 300))
    assert missed == [44] + [0] * 255
    assert len(dropped) == 44


def test_an_absent_database_is_waited_for() -> None:
    source = Source()
    source.is_away = True

    async def run() -> int:
        feed = Feed(source.open, 0.001, lambda: None)
        with feed.listening() as listener:
            await asyncio.sleep(0.02)
            source.is_away, source.news = False, [7]
            return await anext(aiter(listener))

    assert asyncio.run(run()) == 7
