"""Communities, as the last analysis wrote them to the graph."""

from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.lists import Asked
from graph.page import Mark, Start, nodes, pages, totals
from graph.reader import Reader

_BY_KEY = statement("community/by_key")
_PAGE = statement("community/page")
_COUNT = statement("community/count")
_MEMBERS = statement("community/members")
_MEMBER_COUNTS = statement("community/member_counts")
_PARTS = statement("community/parts")
_PART_COUNTS = statement("community/part_counts")


async def communities(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the communities with these keys; unknown ones are left out."""
    return await nodes(reader, _BY_KEY, keys)


async def community_page(reader: Reader, level: int | None, after: Mark, limit: int) -> list[Row]:
    """Return communities, the largest first, equals by key."""
    place = {"after_rank": after.rank, "after_key": after.key, "limit": limit}
    return await reader.read(_PAGE, level=level, **place)


async def count_communities(reader: Reader, level: int | None) -> int:
    """Count the communities of a level, or of all."""
    rows = await reader.read(_COUNT, level=level)
    return int(rows[0]["total"])


def communities_of(subscriber_id: str) -> Asked:
    """Ask for the communities of a subscriber, the widest first."""
    return Asked("found", "communities", Start(subscriber_id))


async def members(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return the members of communities by their rank in PageRank."""
    return await pages(reader, _MEMBERS, starts, limit)


async def member_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many members communities have."""
    return await totals(reader, _MEMBER_COUNTS, keys)


async def parts(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return the narrower communities within communities, the largest first."""
    return await pages(reader, _PARTS, starts, limit)


async def part_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many narrower communities lie within communities."""
    return await totals(reader, _PART_COUNTS, keys)
