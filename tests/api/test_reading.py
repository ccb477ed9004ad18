"""One request's reading of the database."""

import asyncio
from typing import Any

import pytest

from api.dataloaders import Dataloaders
from api.gathering import Gatherer
from api.reading import RequestReader
from cypher import Statement, statement
from graph.database.session import Row
from graph.errors import DatabaseUnavailable
from graph.reader import Reader

_PING = statement("database/ping")


class Slow:
    """Answers after a hundredth of a second, and knows how many it answered at once."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.running = self.most = self.asked = 0

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Answer, or be away."""
        self.asked += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        if self.is_away:
            raise DatabaseUnavailable("away")
        return [{"answer": 1}]


async def ask(reader: RequestReader, times: int) -> list[Any]:
    reads = (reader.read(_PING) for _ in range(times))
    return await asyncio.gather(*reads, return_exceptions=True)


def test_a_request_sends_six_statements_at_once() -> None:
    slow = Slow()
    answers = asyncio.run(ask(RequestReader(slow), 20))
    assert answers == [[{"answer": 1}]] * 20
    assert (slow.most, slow.asked) == (6, 20)


@pytest.mark.parametrize("times", [1, 20])
def test_a_request_waits_for_an_absent_database_once(times: int) -> None:
    """Those that had been sent wait; the others, and later ones, do not."""
    slow = Slow(is_away=True)

    async def ask_twice() -> list[Any]:
        reader = RequestReader(slow)
        return await ask(reader, times) + await ask(reader, times)

    answers = asyncio.run(ask_twice())
    assert [str(answer) for answer in answers] == ["away"] * 2 * times
    assert slow.asked == min(times, 6)


def test_what_is_read_from_files_waits_for_no_statement() -> None:
    """While all statements of a request that may be under way hang, a file answers."""
    hanging: asyncio.Future[list[Row]] | None = None

    class Hanging:
        async def read(self, wanted: Statement, **params: Any) -> list[Row]:
            assert hanging
            return await hanging

    async def twice(_reader: Reader, keys: list[int]) -> dict[int, int]:
        return {key: 2 * key for key in keys}

    async def read_both() -> int:
        nonlocal hanging
        hanging = asyncio.get_running_loop().create_future()
        reader = RequestReader(Hanging())
        waiting = [asyncio.ensure_future(reader.read(_PING)) for _ in range(20)]
        await asyncio.sleep(0)
        dataloaders = Dataloaders(reader, Gatherer(Hanging()), max_page_size=1)
        found = int(await asyncio.wait_for(dataloaders.stored(twice, 21), timeout=10))
        hanging.set_result([])
        await asyncio.gather(*waiting)
        return found

    assert asyncio.run(read_both()) == 42
