"""Who matters most, as the last analysis wrote it to the graph."""

from dataclasses import asdict, dataclass
from typing import Literal

from cypher import statement
from graph.database.session import Row
from graph.page import Mark
from graph.reader import Reader

Measure = Literal["pagerank", "betweenness", "k_shell"]

_COUNT = statement("influence/count")
_PAGES = {
    "pagerank": statement("influence/page_by_pagerank"),
    "betweenness": statement("influence/page_by_betweenness"),
    "k_shell": statement("influence/page_by_k_shell"),
}


@dataclass(frozen=True)
class Wanted:
    """Which subscribers are meant; ``None`` leaves a property open."""

    role: str | None = None
    status: str | None = None
    namespace: str | None = None
    community: str | None = None


async def influencers(
    reader: Reader, by: Measure, wanted: Wanted, after: Mark, limit: int
) -> list[Row]:
    """Return subscribers by their rank in a measure, the best first, equals by key."""
    place = {"after_rank": after.rank, "after_key": after.key, "limit": limit}
    return await reader.read(_PAGES[by], **place, **asdict(wanted))


async def count_influencers(reader: Reader, wanted: Wanted) -> int:
    """Count the subscribers with measures."""
    rows = await reader.read(_COUNT, **asdict(wanted))
    return int(rows[0]["total"])
