"""Equal reads of many requests share statements, and keep out of each other's way."""

import asyncio
from typing import Any

import pytest

from api.gathering import Gatherer
from cypher import Statement
from graph.database.session import Row
from graph.errors import BadInput
from graph.reader import Reader


class Nothing:
    """A database that nobody asks here."""

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Answer nothing."""
        return []


class Doubling:
    """Reads twice a key, takes its time, and knows what it was asked at once."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    async def __call__(self, _reader: Reader, keys: list[int]) -> list[int]:
        """Answer, but nothing that has to do with 13."""
        self.asked.append(keys)
        await asyncio.sleep(0.01)
        if 13 in keys:
            raise BadInput("13")
        return [2 * key for key in keys]


async def ask(keys: list[list[int]], read: Doubling) -> list[Any]:
    gatherer = Gatherer(Nothing())
    wanted = (gatherer.read("doubling", read, some) for some in keys)
    return list(await asyncio.gather(*wanted, return_exceptions=True))


def test_what_comes_while_statements_run_is_one_statement() -> None:
    """All that is asked at the same moment goes with the first; each key is asked for once."""
    read = Doubling()
    assert asyncio.run(ask([[1], [2, 1], [3]], read)) == [[2], [4, 2], [6]]
    assert read.asked == [[1, 2, 3]]


def test_a_statement_has_64_keys_at_most() -> None:
    read, doubled = Doubling(), [[2 * key] for key in range(100, 200)]
    assert asyncio.run(ask([[key] for key in range(100, 200)], read)) == doubled
    assert [len(keys) for keys in read.asked] == [64, 36]


def test_a_question_that_fails_spoils_no_other() -> None:
    """They are asked again, each alone."""
    read = Doubling()
    one, wrong, other = asyncio.run(ask([[1], [13], [2]], read))
    assert (one, str(wrong), other) == ([2], "13", [4])
    assert read.asked == [[1, 13, 2], [1], [13], [2]]


def test_who_is_gone_is_not_waited_for() -> None:
    async def run() -> list[int]:
        gatherer, read = Gatherer(Nothing()), Doubling()
        gone = asyncio.ensure_future(gatherer.read("doubling", read, [1]))
        staying = asyncio.ensure_future(gatherer.read("doubling", read, [2]))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await staying

    assert asyncio.run(run()) == [4]
