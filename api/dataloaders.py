"""What one request reads, gathered: equal fields of many parents become one statement."""

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from functools import partial
from typing import Any

from aiodataloader import DataLoader

from api.relay import Page, page, window
from graph.database.session import Row
from graph.page import TOP, Start
from graph.reader import Reader

# Of a reader and keys, or of a reader, starts and a limit; then of filters, by name.
ReadByKey = Callable[..., Awaitable[Mapping[str, Any]]]
ReadPages = Callable[..., Awaitable[list[list[Row]]]]


class Dataloaders:
    """The dataloaders of one request, one for each reading function, made on first use."""

    def __init__(self, reader: Reader, max_page_size: int) -> None:
        self._reader = reader
        self._max_page_size = max_page_size
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def by_key(self, read: ReadByKey, key: str, **filters: Hashable) -> Any:
        """Return what ``read`` finds for one key; ``None`` where it finds nothing."""

        async def batch(keys: list[str]) -> list[Any]:
            found = await read(self._reader, keys, **filters)
            return [found.get(key) for key in keys]

        return await self._loader((read, *filters.items()), batch).load(key)

    async def page(
        self,
        order: str,
        read: ReadPages,
        count: ReadByKey,
        parent: str,
        first: int | None,
        after: str | None,
        **filters: Hashable,
    ) -> Page:
        """Return the page of one parent that Relay's arguments mean.

        Parameters
        ----------
        filters : Hashable
            What ``read`` and ``count`` are to be told besides.
        """
        wanted = window(order, self._max_page_size, first, after)
        limit = wanted.size + 1

        async def batch(starts: list[Start]) -> list[list[Row]]:
            return await read(self._reader, starts, limit, **filters)

        start = Start(parent, wanted.mark or TOP)
        rows = await self._loader((read, limit, *filters.items()), batch).load(start)
        return page(wanted, rows, partial(self._total, count, parent, **filters))

    async def _total(self, count: ReadByKey, parent: str, **filters: Hashable) -> int:
        return await self.by_key(count, parent, **filters) or 0

    def _loader(
        self, name: Hashable, batch: Callable[[list[Any]], Coroutine[Any, Any, list[Any]]]
    ) -> DataLoader[Any, Any]:
        if name not in self._loaders:
            self._loaders[name] = DataLoader(batch_load_fn=batch)
        return self._loaders[name]
