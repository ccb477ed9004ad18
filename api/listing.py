"""Pages of what a file has, which is read whole: there are never many partners or statements."""

from collections.abc import Callable, Sequence
from typing import Any

from anyio.to_thread import run_sync

from api.context import RequestContext
from api.relay import Page, page, window


async def listing(
    context: RequestContext,
    order: str,
    read: Callable[[], Sequence[Any]],
    key_of: Callable[[Any], str],
    first: int | None,
    after: str | None,
) -> Page:
    """Return a page of what a file has in order, from right after the entry of a cursor."""
    wanted = window(order, context.settings.max_page_size, first, after)
    entries = await run_sync(read)
    keys = [key_of(entry) for entry in entries]
    start = keys.index(wanted.mark.key) + 1 if wanted.mark and wanted.mark.key in keys else 0
    shown = entries[start : start + wanted.size + 1]
    rows = [{"rank": 0, "key": key_of(entry), "node": entry} for entry in shown]

    async def count() -> int:
        return len(entries)

    return page(wanted, rows, count)
