"""What one request reads, gathered: equal fields of many parents become one statement."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any

from aiodataloader import DataLoader

from api.gathering import Gatherer, ReadMany
from api.reading import RequestReader
from api.relay import Page, page, window
from graph.database.session import Row
from graph.page import TOP, Start
from graph.reader import Reader

# Of a reader and keys, or of a reader, starts and a limit; then of filters, by name.
ReadByKey = Callable[..., Awaitable[Mapping[str, Any]]]
ReadPages = Callable[..., Awaitable[list[list[Row]]]]


class Dataloaders:
    """The dataloaders of one request, one for each reading function, made on first use."""

    def __init__(self, reader: RequestReader, gatherer: Gatherer, max_page_size: int) -> None:
        self._reader = reader
        self._gatherer = gatherer
        self._max_page_size = max_page_size
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def by_key(self, read: ReadByKey, key: str, **filters: Hashable) -> Any:
        """Return what ``read`` finds for one key; ``None`` where it finds nothing."""

        async def read_all(reader: Reader, keys: list[str]) -> list[Any]:
            found = await read(reader, keys, **filters)
            return [found.get(key) for key in keys]

        return await self._loader((read, *filters.items()), read_all).load(key)

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
        limit, told = wanted.size + 1, {**filters, **(ahead or {})}

        async def read_all(reader: Reader, starts: list[Start]) -> list[list[Row]]:
            return await read(reader, starts, limit, **told)

        start = Start(parent, wanted.mark or TOP)
        rows = await self._loader((read, limit, *told.items()), read_all).load(start)
        return page(wanted, rows, partial(self._total, count, parent, **filters))

    async def _total(self, count: ReadByKey, parent: str, **filters: Hashable) -> int:
        return await self.by_key(count, parent, **filters) or 0

    def _loader(self, shape: Hashable, read_all: ReadMany) -> DataLoader[Any, Any]:
        async def batch(keys: list[Any]) -> list[Any]:
            return await self._reader.wait(lambda: self._gatherer.read(shape, keys, read_all))

        if shape not in self._loaders:
            self._loaders[shape] = DataLoader(batch_load_fn=batch)
        return self._loaders[shape]
