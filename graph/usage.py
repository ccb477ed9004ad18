"""Apps and services, and how much subscribers use them."""

from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.lists import Asked
from graph.page import Mark, Start, nodes, totals
from graph.reader import Reader

_APPS_BY_KEY = statement("app/by_key")
_APP_PAGE = statement("app/page")
_APP_COUNT = statement("app/count")
_APPS_USED_COUNTS = statement("app/used_counts")
_APP_USER_COUNTS = statement("app/user_counts")
_SERVICES_BY_KEY = statement("service/by_key")
_SERVICE_PAGE = statement("service/page")
_SERVICE_COUNT = statement("service/count")
_SERVICES_USED_COUNTS = statement("service/used_counts")
_SERVICE_USER_COUNTS = statement("service/user_counts")


async def apps(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the apps with these keys; unknown ones are left out."""
    return await nodes(reader, _APPS_BY_KEY, keys)


async def app_page(reader: Reader, category: str | None, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` apps after a mark, of one category or of any."""
    return await reader.read(_APP_PAGE, category=category, after_key=after.key, limit=limit)


async def count_apps(reader: Reader, category: str | None) -> int:
    """Return how many apps there are, of one category or of any."""
    rows = await reader.read(_APP_COUNT, category=category)
    return int(rows[0]["total"])


def used_apps(start: Start, limit: int) -> Asked:
    """Ask which apps a subscriber used, the most sessions first."""
    return Asked("used", "apps", start, limit)


async def used_app_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many apps each subscriber used."""
    return await totals(reader, _APPS_USED_COUNTS, keys)


async def app_user_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers used each app."""
    return await totals(reader, _APP_USER_COUNTS, keys)


async def services(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the services with these keys; unknown ones are left out."""
    return await nodes(reader, _SERVICES_BY_KEY, keys)


async def service_page(reader: Reader, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` services after a mark."""
    return await reader.read(_SERVICE_PAGE, after_key=after.key, limit=limit)


async def count_services(reader: Reader) -> int:
    """Return how many services there are."""
    rows = await reader.read(_SERVICE_COUNT)
    return int(rows[0]["total"])


def used_services(start: Start, limit: int) -> Asked:
    """Ask which services a subscriber used, the most sessions first."""
    return Asked("used", "services", start, limit)


async def used_service_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many services each subscriber used."""
    return await totals(reader, _SERVICES_USED_COUNTS, keys)


async def service_user_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers used each service."""
    return await totals(reader, _SERVICE_USER_COUNTS, keys)
