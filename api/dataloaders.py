"""What one request reads, gathered: equal fields of many parents become one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any

from api.gathering import Gatherer, ReadMany
from api.reading import RequestReader
from api.relay import Page, Window, page, window
from graph.database.session import Row
from graph.page import TOP, Start
from graph.reader import Reader

# Of a reader and keys, or of a reader, starts and a limit; then of filters, by name.
ReadByKey = Callable[..., Awaitable[Mapping[Any, Any]]]
ReadPages = Callable[..., Awaitable[list[list[Row]]]]
# Of a reader, starts, a limit and columns of their parents.
ReadBoth = Callable[..., Awaitable[list[tuple[Row | None, list[Row]]]]]


class Dataloaders:
    """The dataloaders of one request, one for each reading function, made on first use."""

    def __init__(self, reader: RequestReader, gatherer: Gatherer, max_page_size: int) -> None:
        self._reader = reader
        self._gatherer = gatherer
        self._max_page_size = max_page_size
        self._loaders: dict[Hashable, _Loader] = {}

    async def by_key(self, read: ReadByKey, key: Hashable, **filters: Hashable) -> Any:
        """Return what ``read`` finds for one key; ``None`` where it finds nothing."""
        shape = (read, *filters.items())
        return await self._loader(shape, partial(_each, read, filters)).load(key)

    async def page(
        self,
        order: str,
        read: ReadPages,
        count: ReadByKey,
        parent: str,
        first: int | None,
        after: str | None,
        ahead: Mapping[str, Hashable] | None = None,
        **filters: Hashable,
    ) -> Page:
        """Return the page of one parent that Relay's arguments mean.

        Parameters
        ----------
        ahead : Mapping
            What ``read`` is to be told besides.
        filters : Hashable
            What ``read`` and ``count`` are to be told besides.
        """
        wanted = window(order, self._max_page_size, first, after)
        start = Start(parent, wanted.mark or TOP)
        told = {**filters, **(ahead or {})}
        rows = await self._pages(read, wanted.size + 1, told).load(start)
        return page(wanted, rows, partial(self._total, count, parent, **filters))

    async def with_page(
        self,
        read_both: ReadBoth,
        read: ReadPages,
        key: str,
        columns: Hashable,
        wanted: Window,
        ahead: Mapping[str, Hashable],
    ) -> Row | None:
        """Return what has a key, by one statement with a page of it that will be asked for next.

        Parameters
        ----------
        read_both
            Reads what ``read`` does, and these columns of the parents.
        ahead : Mapping
            As in ``page``, which then has what ``read`` would read.
        """
        limit, start = wanted.size + 1, Start(key, wanted.mark or TOP)

        shape = (read_both, limit, columns, *ahead.items())
        read_all = partial(read_both, limit=limit, parent_columns=columns, **ahead)
        found: Row | None
        found, rows = await self._loader(shape, read_all).load(start)
        self._pages(read, limit, ahead).prime(start, rows)
        return found

    async def _total(self, count: ReadByKey, parent: str, **filters: Hashable) -> int:
        return await self.by_key(count, parent, **filters) or 0

    def _pages(self, read: ReadPages, limit: int, told: Mapping[str, Hashable]) -> "_Loader":
        shape = (read, limit, *told.items())
        return self._loader(shape, partial(read, limit=limit, **told))

    def _loader(self, shape: Hashable, read_all: ReadMany) -> "_Loader":
        known = self._loaders.get(shape)
        if known is None:
            read_many = partial(self._gatherer.read, shape, read_all)
            known = self._loaders[shape] = _Loader(self._reader, read_many)
        return known


async def _each(
    read: ReadByKey, filters: Mapping[str, Hashable], reader: Reader, keys: list[Any]
) -> list[Any]:
    found = await read(reader, keys, **filters)
    return [found.get(key) for key in keys]


class _Loader:
    """Reads, once each, the keys that are asked for at about the same time together.

    That is until the second turn of the event loop: fields that stand at the same depth may come to
    their questions one turn apart.
    """

    def __init__(
        self, reader: RequestReader, read: Callable[[list[Any]], Awaitable[list[Any]]]
    ) -> None:
        self._reader = reader
        self._read = read
        self._found: dict[Hashable, asyncio.Future[Any]] = {}
        self._asked: list[Hashable] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, key: Hashable) -> "asyncio.Future[Any]":
        """Return what will be found for a key."""
        found = self._found.get(key)
        if found is None:
            loop = asyncio.get_running_loop()
            found = self._found[key] = loop.create_future()
            if not self._asked:
                loop.call_soon(self._begin)
            self._asked.append(key)
        return found

    def prime(self, key: Hashable, value: Any) -> None:
        """Take what was found for a key by other means."""
        if key not in self._found:
            self._found[key] = asyncio.get_running_loop().create_future()
            self._found[key].set_result(value)

    def _begin(self) -> None:
        task = asyncio.get_running_loop().create_task(self._answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self) -> None:
        keys, self._asked = self._asked, []
        waiting = [self._found[key] for key in keys]
        try:
            values = await self._reader.wait(partial(self._read, keys))
        except Exception as error:
            for found in waiting:
                if not found.done():
                    found.set_exception(error)
            return
        for found, value in zip(waiting, values, strict=True):
            if not found.done():
                found.set_result(value)
