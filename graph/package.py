"""Packages that subscribers take, and what they paid."""

from collections.abc import Sequence
from datetime import datetime

from cypher import statement
from graph.database.session import Row
from graph.lists import Asked
from graph.page import Mark, Start, nodes, totals
from graph.reader import Reader
from graph.span import span

_BY_KEY = statement("package/by_key")
_PAGE = statement("package/page")
_COUNT = statement("package/count")
_SUBSCRIBED_COUNTS = statement("package/subscribed_counts")
_SUBSCRIBER_COUNTS = statement("package/subscriber_counts")
_PAYMENTS_BY_KEY = statement("payment/by_key")
_PAID_COUNTS = statement("payment/paid_counts")


async def packages(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the packages with these identifiers; unknown ones are left out."""
    return await nodes(reader, _BY_KEY, keys)


async def package_page(reader: Reader, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` packages that come after a mark."""
    return await reader.read(_PAGE, after_key=after.key, limit=limit)


async def count_packages(reader: Reader) -> int:
    """Return how many packages there are."""
    rows = await reader.read(_COUNT)
    return int(rows[0]["total"])


def subscribed(start: Start, limit: int) -> Asked:
    """Ask which packages a subscriber takes, by identifier."""
    return Asked("used", "packages", start, limit)


async def subscribed_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many packages each subscriber takes."""
    return await totals(reader, _SUBSCRIBED_COUNTS, keys)


async def subscriber_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers take each package."""
    return await totals(reader, _SUBSCRIBER_COUNTS, keys)


async def payments(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the payments with these identifiers; unknown ones are left out."""
    return await nodes(reader, _PAYMENTS_BY_KEY, keys)


def paid(start: Start, limit: int, **at: datetime | None) -> Asked:
    """Ask what a subscriber paid at a time, the latest first, undated payments last."""
    return Asked("used", "payments", start, limit, (*span(**at).items(),))


async def paid_counts(reader: Reader, keys: Sequence[str], **at: datetime | None) -> dict[str, int]:
    """Return how many payments each subscriber made at a time."""
    return await totals(reader, _PAID_COUNTS, keys, **span(**at))
