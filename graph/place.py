"""Places of the H3 raster, who was there, and which cells cover them."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from anyio.to_thread import run_sync

from cypher import Statement, statement
from graph.area import Area
from graph.database.session import Row
from graph.errors import BadInput
from graph.lists import Asked
from graph.page import Mark, Start, nodes, pages, totals
from graph.reader import Reader

_BY_H3 = statement("place/by_h3")
_PAGE = statement("place/page")
_COUNT = statement("place/count")
_PARENTS = statement("place/parents")
_CHILDREN = statement("place/children")
_VISITED_COUNTS = statement("place/visited_counts")
_VISITORS = statement("place/visitors")
_VISITOR_COUNTS = statement("place/visitor_counts")
_CELLS_BY_KEY = statement("place/cells_by_key")
_COVERED = statement("place/covered")
_COVERED_COUNTS = statement("place/covered_counts")
_COVERING = statement("place/covering")
_COVERING_COUNTS = statement("place/covering_counts")
_CELLS_PAGE = statement("place/cells_page")
_CELLS_COUNT = statement("place/cells_count")
_CELLS_IN_BOXES = statement("place/cells_in_boxes")
_CELLS_BY_SITE = statement("place/cells_by_site")
_SITES_BY_KEY = statement("place/sites_by_key")
_SITES_BY_CELL = statement("place/sites_by_cell")

MOST_CELLS = 200_000  # in the boxes around an area; a large country has about as many


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
    return await _lists(reader, _CHILDREN, keys)


def visited(start: Start, limit: int) -> Asked:
    """Ask where a subscriber was, the places with the most records first."""
    return Asked("used", "places", start, limit)


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


async def covering(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return which cells cover each place, by identifier.

    Cells that cover places below it count with the sum of their shares; those that cover a place
    above it with the part of the share that an even spread gives each of the places in it.
    """
    return await pages(reader, _COVERING, starts, limit)


async def covering_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many cells cover each place."""
    return await totals(reader, _COVERING_COUNTS, keys)


async def cell_page(reader: Reader, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` cells that come after a mark."""
    return await reader.read(_CELLS_PAGE, after_key=after.key, limit=limit)


async def count_cells(reader: Reader) -> int:
    """Return how many cells there are."""
    rows = await reader.read(_CELLS_COUNT)
    return int(rows[0]["total"])


async def cells_within(reader: Reader, area: Area) -> list[str]:
    """Return the identifiers of the cells that stand in an area, in order.

    Raises
    ------
    BadInput
        More than ``MOST_CELLS`` stand in the boxes around its polygons.
    """
    (found,) = await reader.read(_CELLS_IN_BOXES, boxes=area.boxes, limit=MOST_CELLS + 1)
    if len(found["keys"]) > MOST_CELLS:
        raise BadInput(f"more than {MOST_CELLS} cells stand around the area; give a smaller one")
    return await run_sync(_within, area, found)


def _within(area: Area, found: Row) -> list[str]:
    lat_deg, lon_deg = (np.array(found[name], np.float64) for name in ("lat_deg", "lon_deg"))
    inside = np.flatnonzero(area.holds(lat_deg, lon_deg))
    return sorted({found["keys"][index] for index in inside.tolist()})


async def cells_of_sites(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return the cells of each site, by identifier."""
    return await _lists(reader, _CELLS_BY_SITE, keys)


async def sites(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the sites with these identifiers; unknown ones are left out."""
    return await nodes(reader, _SITES_BY_KEY, keys)


async def sites_of_cells(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the site of each cell; a cell of an unknown one is left out."""
    return await nodes(reader, _SITES_BY_CELL, keys)


def home(subscriber_id: str) -> Asked:
    """Ask where a subscriber lives, with the evidence: one entry, or none where it is unknown."""
    return Asked("found", "home", Start(subscriber_id))


def work(subscriber_id: str) -> Asked:
    """Ask where a subscriber works, with the evidence: one entry, or none where it is unknown."""
    return Asked("found", "work", Start(subscriber_id))


async def _lists(reader: Reader, wanted: Statement, keys: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.read(wanted, keys=list(keys)):
        found[row["key"]].append(row["node"])
    return found
