"""Places of the H3 raster, who was there, and which cells cover them."""

from collections import defaultdict
from collections.abc import Sequence

from cypher import statement
from graph.database.session import Database, Row
from graph.page import Mark, Start, nodes, pages, totals

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


async def places(database: Database, keys: Sequence[str]) -> dict[str, Row]:
    """Return the places with these H3 indexes; unknown ones are left out."""
    return await nodes(database, _BY_H3, keys)


async def place_page(
    database: Database, resolution: int | None, after: Mark, limit: int
) -> list[Row]:
    """Return up to ``limit`` places that come after a mark, of one size or of any."""
    return await database.read(_PAGE, resolution=resolution, after_key=after.key, limit=limit)


async def count_places(database: Database, resolution: int | None) -> int:
    """Return how many places there are, of one size or of any."""
    rows = await database.read(_COUNT, resolution=resolution)
    return int(rows[0]["total"])


async def parents(database: Database, keys: Sequence[str]) -> dict[str, Row]:
    """Return the place above each place; the coarsest have none."""
    return await nodes(database, _PARENTS, keys)


async def children(database: Database, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return the places right below each place, by H3 index."""
    below: dict[str, list[Row]] = defaultdict(list)
    for row in await database.read(_CHILDREN, keys=list(keys)):
        below[row["key"]].append(row["node"])
    return below


async def visited(database: Database, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return where each subscriber was, the places with the most records first."""
    return await pages(database, _VISITED, starts, limit)


async def visited_counts(database: Database, keys: Sequence[str]) -> dict[str, int]:
    """Return at how many places each subscriber was."""
    return await totals(database, _VISITED_COUNTS, keys)


async def visitors(database: Database, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return who was at each place or below it, the most records first."""
    return await pages(database, _VISITORS, starts, limit)


async def visitor_counts(database: Database, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers were at each place or below it."""
    return await totals(database, _VISITOR_COUNTS, keys)


async def cells(database: Database, keys: Sequence[str]) -> dict[str, Row]:
    """Return the cells with these identifiers; unknown ones are left out."""
    return await nodes(database, _CELLS_BY_KEY, keys)


async def covered(database: Database, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return which places each cell covers, by H3 index."""
    return await pages(database, _COVERED, starts, limit)


async def covered_counts(database: Database, keys: Sequence[str]) -> dict[str, int]:
    """Return how many places each cell covers."""
    return await totals(database, _COVERED_COUNTS, keys)
