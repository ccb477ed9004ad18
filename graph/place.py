"""Places of the H3 raster, who was there, and which cells cover them."""

from collections import defaultdict
from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.page import Mark, Start, nodes, pages, totals
from graph.reader import Reader

_BY_H3 = statement("place/by_h3")
_PAGE = statement("place/page")
_COUNT = statement("place/count")
_PARENTS = statement("place/parents")
_CHILDREN = statement("place/children")
_VISITED = statement("place/visited")
_VISITED_COUNTS = statement("place/visited_counts")
_VISITORS = statement("place/visitors")
_VISITOR_COUNTS = statement("place/visitor_counts")
_CELLS_BY_KEY = statement("place/cells_by_key")
_COVERED = statement("place/covered")
_COVERED_COUNTS = statement("place/covered_counts")


async def places(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the places with these H3 indexes; unknown ones are left out."""
    return await nodes(reader, _BY_H3, keys)


async def place_page(reader: Reader, resolution: int | None, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` places that come after a mark, of one size or of any."""
    return await reader.read(_PAGE, resolution=resolution, after_key=after.key, limit=limit)


async def count_places(reader: Reader, resolution: int | None) -> int:
    """Return how many places there are, of one size or of any."""
    rows = await reader.read(_COUNT, resolution=resolution)
    return int(rows[0]["total"])


async def parents(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the place above each place; the coarsest have none."""
    return await nodes(reader, _PARENTS, keys)


async def children(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return the places right below each place, by H3 index."""
    below: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.read(_CHILDREN, keys=list(keys)):
        below[row["key"]].append(row["node"])
    return below


async def visited(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return where each subscriber was, the places with the most records first."""
    return await pages(reader, _VISITED, starts, limit)


async def visited_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return at how many places each subscriber was."""
    return await totals(reader, _VISITED_COUNTS, keys)


async def visitors(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return who was at each place or below it, the most records first."""
    return await pages(reader, _VISITORS, starts, limit)


async def visitor_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers were at each place or below it."""
    return await totals(reader, _VISITOR_COUNTS, keys)


async def cells(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the cells with these identifiers; unknown ones are left out."""
    return await nodes(reader, _CELLS_BY_KEY, keys)


async def covered(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return which places each cell covers, by H3 index."""
    return await pages(reader, _COVERED, starts, limit)


async def covered_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many places each cell covers."""
    return await totals(reader, _COVERED_COUNTS, keys)
