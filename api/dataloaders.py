"""What one request reads, gathered: equal fields of many parents become one statement."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any

from aiodataloader import DataLoader

from api.gathering import Gatherer, ReadMany
from api.reading import RequestReader
from api.relay import Page, Window, page, window
from graph.database.session import Row
from graph.lists import Asked, lists
from graph.page import TOP, Start
from graph.reader import Reader

# Of a reader and keys, or of a reader, starts and a limit; then of filters, by name.
ReadByKey = Callable[..., Awaitable[Mapping[Any, Any]]]
ReadPages = Callable[..., Awaitable[list[list[Row]]]]
# Of a start and a limit; then of filters, by name.
AskPage = Callable[..., Asked]
# Of a reader, starts, a limit and columns of their parents.
ReadBoth = Callable[..., Awaitable[list[tuple[Row | None, list[Row]]]]]


class Dataloaders:
    """The dataloaders of one request, one for each reading function, made on first use."""

    def __init__(self, reader: RequestReader, gatherer: Gatherer, max_page_size: int) -> None:
        self._reader = reader
        self._gatherer = gatherer
        self._max_page_size = max_page_size
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def by_key(self, read: ReadByKey, key: Hashable, **filters: Hashable) -> Any:
        """Return what ``read`` finds for one key; ``None`` where it finds nothing."""
        return await self._keyed(read, filters).load(key)

    async def stored(self, read: ReadByKey, key: Hashable, **filters: Hashable) -> Any:
        """Return what ``read`` finds in files for one key, waiting for no statement's turn."""
        return await self._keyed(read, filters, is_statement=False).load(key)

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

        def rows(start: Start, limit: int, **told: Hashable) -> Awaitable[list[Row]]:
            return self._pages(read, limit, told).load(start)

        return await self._page(rows, order, count, parent, first, after, ahead, filters)

    async def page_of_subscriber(
        self,
        order: str,
        ask: AskPage,
        count: ReadByKey,
        key: str,
        first: int | None,
        after: str | None,
        ahead: Mapping[str, Hashable] | None = None,
        **filters: Hashable,
    ) -> Page:
        """Return what ``page`` does, of a list of a subscriber."""

        def rows(start: Start, limit: int, **told: Hashable) -> Awaitable[list[Row]]:
            return self.listed(ask(start, limit, **told))

        return await self._page(rows, order, count, key, first, after, ahead, filters)

    async def listed(self, wanted: Asked) -> list[Row]:
        """Return a list of a subscriber, by one statement with others that are asked for now."""
        found: list[Row] = await self._loader((lists, wanted.told_by), lists).load(wanted)
        return found

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

    async def _page(
        self,
        rows: Callable[..., Awaitable[list[Row]]],
        order: str,
        count: ReadByKey,
        parent: str,
        first: int | None,
        after: str | None,
        ahead: Mapping[str, Hashable] | None,
        filters: Mapping[str, Hashable],
    ) -> Page:
        wanted = window(order, self._max_page_size, first, after)
        start, told = Start(parent, wanted.mark or TOP), {**filters, **(ahead or {})}
        found = await rows(start, wanted.size + 1, **told)
        return page(wanted, found, partial(self._total, count, parent, **filters))

    async def _total(self, count: ReadByKey, parent: str, **filters: Hashable) -> int:
        return await self.by_key(count, parent, **filters) or 0

    def _pages(
        self, read: ReadPages, limit: int, told: Mapping[str, Hashable]
    ) -> DataLoader[Any, Any]:
        shape = (read, limit, *told.items())
        return self._loader(shape, partial(read, limit=limit, **told))

    def _keyed(
        self, read: ReadByKey, filters: Mapping[str, Hashable], *, is_statement: bool = True
    ) -> DataLoader[Any, Any]:
        read_all = partial(_each, read, filters)
        return self._loader((read, *filters.items()), read_all, is_statement=is_statement)

    def _loader(
        self, shape: Hashable, read_all: ReadMany, *, is_statement: bool = True
    ) -> DataLoader[Any, Any]:
        async def batch(keys: list[Any]) -> list[Any]:
            read = partial(self._gatherer.read, shape, read_all, keys)
            return await (self._reader.wait(read) if is_statement else read())

        if shape not in self._loaders:
            self._loaders[shape] = DataLoader(batch_load_fn=batch)
        return self._loaders[shape]


async def _each(
    read: ReadByKey, filters: Mapping[str, Hashable], reader: Reader, keys: list[Any]
) -> list[Any]:
    found = await read(reader, keys, **filters)
    return [found.get(key) for key in keys]
