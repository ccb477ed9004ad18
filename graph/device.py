"""Models of device, and who was seen with them."""

from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.lists import Asked
from graph.page import Mark, Start, nodes, totals
from graph.reader import Reader

_BY_KEY = statement("device/by_key")
_PAGE = statement("device/page")
_COUNT = statement("device/count")
_OWNED_COUNTS = statement("device/owned_counts")
_OWNER_COUNTS = statement("device/owner_counts")


async def devices(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the models with these keys; unknown ones are left out."""
    return await nodes(reader, _BY_KEY, keys)


async def device_page(
    reader: Reader, maker: str | None, kind: str | None, after: Mark, limit: int
) -> list[Row]:
    """Return up to ``limit`` models after a mark, of one maker and kind or of any."""
    return await reader.read(_PAGE, maker=maker, kind=kind, after_key=after.key, limit=limit)


async def count_devices(reader: Reader, maker: str | None, kind: str | None) -> int:
    """Return how many models there are, of one maker and kind or of any."""
    rows = await reader.read(_COUNT, maker=maker, kind=kind)
    return int(rows[0]["total"])


def owned(start: Start, limit: int) -> Asked:
    """Ask which models a subscriber was seen with, by key."""
    return Asked("used", "devices", start, limit)


async def owned_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many models each subscriber was seen with."""
    return await totals(reader, _OWNED_COUNTS, keys)


async def owner_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers were seen with each model."""
    return await totals(reader, _OWNER_COUNTS, keys)
