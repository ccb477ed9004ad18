"""Relay's conventions: global identifiers, opaque cursors, pages of a list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import graphene
import orjson
from graphql import GraphQLResolveInfo as Info
from graphql_relay import from_global_id, to_global_id

from graph.database.session import Row
from graph.errors import BadInput
from graph.page import GREATEST_INT, Mark

DEFAULT_PAGE_SIZE = 20
_MAX_CURSOR_LENGTH = 1_000


class Node(graphene.Interface):
    """Whatever can be fetched again by its identifier alone."""

    id = graphene.ID(
        required=True, description="Opaque identifier, unique among nodes of all types."
    )


def typed(row: Row, node_type: str) -> Row:
    """Return a row that knows its GraphQL type, for fields that may answer any node."""
    return {**row, "__typename": node_type}  # where GraphQL looks for it


def node_id(node_type: str, key: str) -> str:
    """Return the global identifier of a node.

    Examples
    --------
    >>> split_node_id(node_id("Place", "891f1d48177ffff"))
    ('Place', '891f1d48177ffff')
    """
    return to_global_id(node_type, key)


def split_node_id(text: str) -> tuple[str, str]:
    """Return type and key of a global identifier; two empty texts where it is none."""
    node_type, key = from_global_id(text)
    return node_type, key


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for.

    Attributes
    ----------
    order : str
        Name of the list and its order; a cursor of another one is refused.
    size : int
        Most entries to return.
    mark : Mark, optional
        The entry that the window begins after, or ends before where ``is_backward``.
    """

    order: str
    size: int
    mark: Mark | None
    is_backward: bool = False


@dataclass(frozen=True)
class Page:
    """A part of a list, as GraphQL's connections answer it; ``count`` runs when asked for only."""

    edges: list[Row]
    page_info: Row
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> list[Row]:
        """The edges' nodes."""
        return [edge["node"] for edge in self.edges]

    @property
    def total_count(self) -> Awaitable[int]:
        """The length of the whole list."""
        return self.count()


def window(
    order: str,
    max_size: int,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Window:
    """Return the window that Relay's arguments mean; without any, the list's first entries.

    Raises
    ------
    BadInput
        Arguments for both directions, a size out of range, or a cursor of another list.
    """
    is_backward = last is not None or before is not None
    if is_backward and (first is not None or after is not None):
        raise BadInput("give first and after, or last and before, not both")
    size = last if is_backward else first
    if size is None:
        size = min(DEFAULT_PAGE_SIZE, max_size)
    if not 1 <= size <= max_size:
        name = "last" if is_backward else "first"
        raise BadInput(f"{name} must be from 1 to {max_size}")
    cursor = before if is_backward else after
    mark = None if cursor is None else _read_cursor(order, cursor)
    return Window(order, size, mark, is_backward)


def page(wanted: Window, rows: Sequence[Row], count: Callable[[], Awaitable[int]]) -> Page:
    """Return a page of rows with ``rank`` and ``key``, read one further than the window."""
    is_more = len(rows) > wanted.size
    is_marked = wanted.mark is not None  # then there was an entry on the other side
    shown = rows[: wanted.size]
    edges = [
        {**row, "order": wanted.order} for row in (reversed(shown) if wanted.is_backward else shown)
    ]
    page_info = {
        "has_next_page": is_marked if wanted.is_backward else is_more,
        "has_previous_page": is_more if wanted.is_backward else is_marked,
        "start_cursor": cursor_of(edges[0]) if edges else None,
        "end_cursor": cursor_of(edges[-1]) if edges else None,
    }
    return Page(edges, page_info, count)


def cursor_of(edge: Row) -> str:
    """Return the cursor of an edge of a page."""
    return write_cursor(edge["order"], Mark(edge["rank"], edge["key"]))


def write_cursor(order: str, mark: Mark) -> str:
    """Return a mark as text that says nothing to its reader.

    Examples
    --------
    >>> write_cursor("friends", Mark(0, "bram"))
    'WyJmcmllbmRzIiwwLCJicmFtIl0='
    """
    return urlsafe_b64encode(orjson.dumps([order, mark.rank, mark.key])).decode()


def _read_cursor(order: str, text: str) -> Mark:
    try:
        match orjson.loads(urlsafe_b64decode(text[:_MAX_CURSOR_LENGTH])):
            case [str(name), int(rank), str(key)] if name == order and -1 <= rank <= GREATEST_INT:
                return Mark(int(rank), key)
    except ValueError:
        pass  # not base64, or not JSON: no cursor of ours
    raise BadInput("the cursor is not of this list in this order")


def paging(*, is_two_way: bool = False) -> dict[str, Any]:
    """Return the arguments of a connection field."""
    limit = "From 1 to the server's largest page, 100 unless set otherwise; 20 where absent."
    arguments: dict[str, Any] = {
        "first": graphene.Int(description=f"How many entries from the start on. {limit}"),
        "after": graphene.String(description="Cursor of the entry to start right after."),
    }
    if is_two_way:
        arguments["last"] = graphene.Int(description=f"How many entries up to the end. {limit}")
        arguments["before"] = graphene.String(description="Cursor of the entry to end before.")
    return arguments


def spanning(what: str) -> dict[str, Any]:
    """Return the arguments that cut a list to a half-open time, by an instant of its entries."""
    return {
        "since": graphene.DateTime(
            description=f"Only {what} from this instant on; any where absent."
        ),
        "until": graphene.DateTime(
            description=f"Only {what} before this instant; any where absent."
        ),
    }


class Connection:
    """Fields that all connections share; a subclass adds ``edges`` and ``nodes``."""

    page_info = graphene.Field(
        graphene.NonNull(graphene.relay.PageInfo),
        description="Whether there is more, and the cursors to ask for it.",
    )
    total_count = graphene.Int(
        description="Length of the whole list, at least 0; counted when asked for only."
    )

    @staticmethod
    async def resolve_total_count(page: Page, _info: Info) -> int:
        return await page.total_count


class Edge:
    """Fields that all edges share; a subclass adds ``node``."""

    cursor = graphene.String(
        required=True, description="Opaque position, for `after` and `before`; stays right."
    )

    @staticmethod
    def resolve_cursor(edge: Row, _info: Info) -> str:
        return cursor_of(edge)


def edges_of(edge: Any) -> graphene.List:
    """Return the field ``edges`` of a connection."""
    return graphene.List(
        graphene.NonNull(edge), required=True, description="The entries with their positions."
    )


def nodes_of(node: Any) -> graphene.List:
    """Return the field ``nodes`` of a connection."""
    return graphene.List(
        graphene.NonNull(node), required=True, description="The entries' nodes alone."
    )
