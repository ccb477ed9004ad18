"""What subscribers and the operator had to say to each other: touchpoints and surveys."""

from collections.abc import Sequence
from datetime import datetime

from cypher import statement
from graph.database.session import Row
from graph.lists import Asked
from graph.page import Start, nodes, totals
from graph.reader import Reader
from graph.span import span

_TOUCHPOINTS_BY_KEY = statement("touchpoint/by_key")
_HAD_COUNTS = statement("touchpoint/had_counts")
_SURVEYS_BY_KEY = statement("survey/by_key")
_ANSWERED_COUNTS = statement("survey/answered_counts")


async def touchpoints(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the touchpoints with these keys; unknown ones are left out."""
    return await nodes(reader, _TOUCHPOINTS_BY_KEY, keys)


def had(start: Start, limit: int, stage: str | None, **at: datetime | None) -> Asked:
    """Ask which touchpoints a subscriber had, of a stage and a time, the latest first."""
    return Asked("met", "touchpoints", start, limit, (("stage", stage), *span(**at).items()))


async def had_counts(
    reader: Reader,
    keys: Sequence[str],
    stage: str | None,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, int]:
    """Return how many touchpoints each subscriber had, of a stage and a time."""
    return await totals(reader, _HAD_COUNTS, keys, stage=stage, **span(since, until))


async def surveys(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the answers with these keys; unknown ones are left out."""
    return await nodes(reader, _SURVEYS_BY_KEY, keys)


def answered(start: Start, limit: int, kind: str | None, **at: datetime | None) -> Asked:
    """Ask what a subscriber answered, of a kind and a time, the latest first."""
    return Asked("met", "surveys", start, limit, (("kind", kind), *span(**at).items()))


async def answered_counts(
    reader: Reader,
    keys: Sequence[str],
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, int]:
    """Return how many answers each subscriber gave, of a kind and a time."""
    return await totals(reader, _ANSWERED_COUNTS, keys, kind=kind, **span(since, until))
