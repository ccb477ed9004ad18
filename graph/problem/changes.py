"""What happens to problems, as it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cypher import statement
from graph.problem.store import Wanted
from graph.reader import Reader

_CHANGES = statement("problem/changes")

#: Whoever writes says when it was; it can be read only when it is committed, which may be later.
OVERLAP = timedelta(seconds=5)
_MOST_AT_ONCE = 10_000


@dataclass(frozen=True)
class ProblemChange:
    """Something that happened to a problem.

    Attributes
    ----------
    problem : dict
        The problem's node as it was when the change was read.
    event : dict
        What happened: ``event_id``, ``at``, ``by``, ``action``, states and note.
    """

    problem: Mapping[str, Any]
    event: Mapping[str, Any]


async def changes_since(
    reader: Reader, since: datetime, limit: int = _MOST_AT_ONCE
) -> list[ProblemChange]:
    """Return what happened to problems from an instant on, the first thing first.

    Parameters
    ----------
    limit : int
        Most changes to return; those that came later are left out.
    """
    rows = await reader.read(_CHANGES, since=since, limit=limit)
    return [ProblemChange(row["problem"], row["event"]) for row in rows]


def is_meant(problem: Mapping[str, Any], wanted: Wanted) -> bool:
    """Tell whether a problem meets every condition given.

    Examples
    --------
    >>> is_meant({"state": "open", "domain": "radio"}, Wanted(states=["open"], domain="radio"))
    True
    >>> is_meant({"state": "open", "domain": "core"}, Wanted(domain="radio"))
    False
    >>> opened_at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> is_meant({"opened_at": opened_at}, Wanted(until=opened_at))
    False
    """
    conditions = asdict(wanted)
    states: Sequence[str] | None = conditions.pop("states")
    since, until = conditions.pop("since"), conditions.pop("until")
    if states is not None and problem["state"] not in states:
        return False
    if (since and problem["opened_at"] < since) or (until and problem["opened_at"] >= until):
        return False
    return all(value in (None, problem.get(name)) for name, value in conditions.items())


class ChangeReader:
    """Reads on and on what happened since it began, each change once.

    Changes are known by ``event_id``; a change that was committed up to ``OVERLAP`` after the
    instant that it bears is found, too.
    """

    def __init__(self, began_at: datetime | None = None) -> None:
        self._since = began_at or datetime.now(UTC)
        self._began_at = self._since
        self._known: dict[str, datetime] = {}

    async def read(self, reader: Reader) -> list[ProblemChange]:
        """Return what is new since the last call."""
        found = await changes_since(reader, self._since)
        new = [change for change in found if change.event["event_id"] not in self._known]
        self._known |= {change.event["event_id"]: change.event["at"] for change in new}
        if found:
            latest: datetime = found[-1].event["at"]
            # A full answer may have left out later ones: then go on right where it ended.
            overlap = OVERLAP if len(found) < _MOST_AT_ONCE else timedelta(0)
            self._since = max(self._began_at, latest - overlap)
            self._known = {key: at for key, at in self._known.items() if at >= self._since}
        return new
