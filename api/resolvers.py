"""What most fields do: resolvers made of a reading function and of where the key stands."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any

from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.dataloaders import AskPage, Dataloaders, ReadByKey, ReadPages
from api.enums import plain
from api.relay import Page, node_id, page, window
from graph.database.session import Row
from graph.lists import Asked
from graph.page import BOTTOM, Mark

Resolver = Callable[..., Awaitable[Any]]

#: The one column of its parent that a resolver made here looks at.
READS: dict[Callable[..., Any], str] = {}


def itself(parent: Row, _info: Info) -> Row:
    """Return the parent: fields that stand together have a type of their own."""
    return parent


def id_of(type_name: str, column: str) -> Callable[[Row, Info], str]:
    """Return what makes the ``id`` of a node of a type, from its column with the key."""

    def resolve(node: Row, _info: Info) -> str:
        return node_id(type_name, node[column])

    READS[resolve] = column
    return resolve


def key_of(column: str) -> Callable[[Row, Info], str]:
    """Return what reads the ``key`` of a node."""

    def resolve(node: Row, _info: Info) -> str:
        return str(node[column])

    READS[resolve] = column
    return resolve


def read_for(read: ReadByKey, column: str, otherwise: Any = None) -> Resolver:
    """Return what reads something for the key in a column of the parent.

    Parameters
    ----------
    otherwise
        The answer where the parent has no key, or nothing is found.
    """

    async def resolve(parent: Row, info: Info) -> Any:
        key = parent[column]
        found = await context_of(info).dataloaders.by_key(read, key) if key else None
        return found or otherwise

    READS[resolve] = column
    return resolve


def named(read: ReadByKey, argument: str = "key") -> Resolver:
    """Return what finds the node that an argument names; null where there is none."""

    async def resolve(_root: None, info: Info, **arguments: str) -> Row | None:
        found: Row | None = await context_of(info).dataloaders.by_key(read, arguments[argument])
        return found

    return resolve


def listed(
    order: str,
    read: ReadPages,
    count: ReadByKey,
    column: str,
    *filters: str,
    ahead: Callable[[Info], Mapping[str, Hashable]] = lambda _info: {},
) -> Callable[..., Awaitable[Page]]:
    """Return what pages through the things of one parent.

    Parameters
    ----------
    order : str
        Name of the list's order, by which its cursors know it.
    column : str
        The parent's column with its key.
    filters : str
        Arguments of the field that ``read`` and ``count`` are told, null where absent.
    ahead
        What ``read`` is told besides: which columns the answer can need (``api.ahead``).
    """
    return _listed(Dataloaders.page, order, read, count, column, filters, ahead)


def listed_of_subscriber(
    order: str,
    ask: AskPage,
    count: ReadByKey,
    *filters: str,
    ahead: Callable[[Info], Mapping[str, Hashable]] = lambda _info: {},
) -> Callable[..., Awaitable[Page]]:
    """Return what pages through a list of a subscriber, with the parameters of ``listed``."""
    turn = Dataloaders.page_of_subscriber
    return _listed(turn, order, ask, count, "subscriber_id", filters, ahead)


def _listed(
    turn: Callable[..., Awaitable[Page]],
    order: str,
    read: ReadPages | AskPage,
    count: ReadByKey,
    column: str,
    filters: Sequence[str],
    ahead: Callable[[Info], Mapping[str, Hashable]],
) -> Callable[..., Awaitable[Page]]:
    async def resolve(
        parent: Row, info: Info, first: int | None = None, after: str | None = None, **given: Any
    ) -> Page:
        loaders, told = context_of(info).dataloaders, {n: plain(given.get(n)) for n in filters}
        key = parent[column]
        return await turn(loaders, order, read, count, key, first, after, ahead(info), **told)

    READS[resolve] = column
    return resolve


def all_of_subscriber(ask: Callable[[str], Asked]) -> Resolver:
    """Return what reads a list of a subscriber that is always short."""

    async def resolve(parent: Row, info: Info) -> list[Row]:
        return await context_of(info).dataloaders.listed(ask(parent["subscriber_id"]))

    READS[resolve] = "subscriber_id"
    return resolve


def one_of_subscriber(ask: Callable[[str], Asked]) -> Resolver:
    """Return what reads the only entry of a list of a subscriber; null where there is none."""

    async def resolve(parent: Row, info: Info) -> Row | None:
        found = await context_of(info).dataloaders.listed(ask(parent["subscriber_id"]))
        return found[0] if found else None

    READS[resolve] = "subscriber_id"
    return resolve


def fields(*names: str) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return what takes the values of these fields out of an input, null where absent."""

    def values(given: Mapping[str, Any]) -> list[Any]:
        return [given.get(name) for name in names]

    return values


def paged(
    order: str,
    read: Callable[..., Awaitable[list[Row]]],
    count: Callable[..., Awaitable[int]],
    told: Callable[[Mapping[str, Any]], Sequence[Any]] = lambda _filter: (),
    top: Mark = BOTTOM,
) -> Callable[..., Awaitable[Page]]:
    """Return what pages through all things of a kind.

    Parameters
    ----------
    told
        From the argument ``filter`` what ``read`` and ``count`` are told of it.
    top
        The mark before the first entry.
    """

    async def resolve(
        _root: None,
        info: Info,
        filter: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        context, meant = context_of(info), told(filter or {})
        wanted = window(order, context.settings.max_page_size, first, after)
        rows = await read(context.reader, *meant, wanted.mark or top, wanted.size + 1)
        return page(wanted, rows, lambda: count(context.reader, *meant))

    return resolve
