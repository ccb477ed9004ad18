"""Equal reads of many requests, made one statement.

While a statement runs, what other requests want by it gathers; when it is done, one statement asks
for all of that. So nobody waits where little is asked, and the busier it is, the more questions
share a statement.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.errors import DatabaseUnavailable
from graph.reader import Reader

_AT_ONCE = 2  # statements of one shape
_MOST_KEYS = 64  # of one statement, so that none takes long

#: Reads values for keys, in their order.
ReadMany = Callable[[Reader, list[Any]], Awaitable[list[Any]]]


@dataclass
class _Shape:
    """What is asked in one way: the questions that wait, and how many statements run."""

    read: ReadMany
    waiting: "deque[tuple[Sequence[Any], asyncio.Future[list[Any]]]]" = field(default_factory=deque)
    running: int = 0


class Gatherer:
    """Reads for all requests of a process.

    What is read belongs to all of them: rows are not to be changed.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._shapes: dict[Hashable, _Shape] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, shape: Hashable, read: ReadMany, keys: Sequence[Hashable]) -> list[Any]:
        """Return the values of some keys, by ``read`` together with others' keys.

        Parameters
        ----------
        shape : Hashable
            What makes reads equal but for their keys.
        """
        known = self._shapes.setdefault(shape, _Shape(read))
        found: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        known.waiting.append((keys, found))
        if known.running < _AT_ONCE:
            known.running += 1
            task = asyncio.create_task(self._work(shape, known))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await found

    async def _work(self, shape: Hashable, known: _Shape) -> None:
        try:
            while known.waiting:
                await self._answer(known.read, _taken(known))
        finally:
            known.running -= 1
            if not known.running and not known.waiting:
                self._shapes.pop(shape, None)

    async def _answer(self, read: ReadMany, asked: "list[_Asked]") -> None:
        keys = list(dict.fromkeys(key for wanted, _ in asked for key in wanted))
        try:
            values = dict(zip(keys, await read(self._reader, keys), strict=True))
        except Exception as error:
            if len(asked) == 1 or isinstance(error, DatabaseUnavailable):
                for _, found in asked:
                    if not found.done():
                        found.set_exception(error)
                return
            # One question must not spoil the others'.
            await asyncio.gather(*(self._answer(read, [one]) for one in asked))
            return
        for wanted, found in asked:
            if not found.done():
                found.set_result([values[key] for key in wanted])


_Asked = tuple[Sequence[Any], "asyncio.Future[list[Any]]"]


def _taken(known: _Shape) -> list[_Asked]:
    """Return the questions of the next statement: those that came first, as many as fit."""
    taken, keys = [known.waiting.popleft()], 0
    while known.waiting:
        keys += len(taken[-1][0])
        if keys + len(known.waiting[0][0]) > _MOST_KEYS:
            break
        taken.append(known.waiting.popleft())
    return taken
