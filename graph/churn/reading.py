"""Exposure to churn, as the graph has it."""

from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.reader import Reader

_EXPOSURE = statement("churn/exposure")
MOST_NAMED = 10


async def exposures(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return of subscribers how many of their contacts left, and which of these mattered most."""
    rows = await reader.read(_EXPOSURE, keys=list(keys), most=MOST_NAMED)
    return {row["key"]: row for row in rows}
