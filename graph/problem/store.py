"""Problems in the graph: nodes, what they affect, and what happened to them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from cypher import statement
from graph.database.session import Database, Row
from graph.errors import Conflict, NotFound
from graph.lists import Asked
from graph.page import Mark, Start, nodes, pages, totals
from graph.problem.delimit import KpiFall
from graph.problem.problem import Problem, Step, acted
from graph.problem.states import WATCHED, Action
from graph.problem.struck import Struck, band_of
from graph.problem.verify import Standing
from graph.reader import Reader
from graph.span import span

_BY_KEY = statement("problem/by_key")
_FOLLOWED = statement("problem/followed")
_PAGE = statement("problem/page")
_COUNT = statement("problem/count")
_HISTORY = statement("problem/history")
_SAVE = statement("problem/save")
_LOOKED_TO = statement("problem/looked_to")
_STRUCK_PAGES = statement("problem/struck")
_STRUCK_COUNTS = statement("problem/struck_counts")
_MET_COUNTS = statement("problem/met_counts")
_WRITE_LOOKED_TO = statement("problem/write_looked_to")

_KPI = {  # property: what it is called of a KPI
    "kpi_names": "name",
    "kpi_worths": "worth",
    "kpi_expected_worths": "expected_worth",
    "kpi_points": "points",
}
_STRUCK = ("samples", "lost", "usual", "doubt")
_STANDING = ("windows", "samples", "short", "variance")
_IN_LISTS = ("kpis", "standing", "people", "revision")  # kept as properties of their own


@dataclass(frozen=True)
class Wanted:
    """Which problems are meant: those that meet every condition given."""

    states: Sequence[str] | None = None
    domain: str | None = None
    severity: str | None = None
    kind: str | None = None
    target: str | None = None
    department: str | None = None
    assignee: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def problems(reader: Reader, keys: Sequence[str]) -> dict[str, Row]:
    """Return the problems with these keys; unknown ones are left out."""
    return await nodes(reader, _BY_KEY, keys)


async def problem_page(reader: Reader, wanted: Wanted, after: Mark, limit: int) -> list[Row]:
    """Return up to ``limit`` problems after a mark, the latest opened first."""
    return await reader.read(
        _PAGE, **asdict(wanted), after_rank=after.rank, after_key=after.key, limit=limit
    )


async def count_problems(reader: Reader, wanted: Wanted) -> int:
    """Return how many problems there are."""
    rows = await reader.read(_COUNT, **asdict(wanted))
    return int(rows[0]["total"])


async def history(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return what happened to each problem, the first thing first."""
    rows = await reader.read(_HISTORY, keys=list(keys))
    return {row["key"]: row["events"] for row in rows}


async def struck(reader: Reader, starts: Sequence[Start], limit: int) -> list[list[Row]]:
    """Return whom each problem struck and remembers, those who lost most first."""
    return await pages(reader, _STRUCK_PAGES, starts, limit)


async def struck_counts(reader: Reader, keys: Sequence[str]) -> dict[str, int]:
    """Return how many of those whom each problem struck it remembers."""
    return await totals(reader, _STRUCK_COUNTS, keys)


def met(start: Start, limit: int, **opened: datetime | None) -> Asked:
    """Ask which problems of a time struck a subscriber, of those that remember it.

    The latest opened come first; ``opened`` is a ``since`` and an ``until``.
    """
    return Asked("met", "problems", start, limit, (*span(**opened).items(),))


async def met_counts(
    reader: Reader, keys: Sequence[str], **opened: datetime | None
) -> dict[str, int]:
    """Return how many problems of a time struck each subscriber, of those that remember it."""
    return await totals(reader, _MET_COUNTS, keys, **span(**opened))


async def followed(reader: Reader, since: date) -> list[Problem]:
    """Return the problems that a window may change.

    Parameters
    ----------
    since
        Of those not watched any more, the ones whose entity fell short on that day or later.
    """
    rows = await reader.read(_FOLLOWED, states=list(WATCHED), since=since)
    return [
        replace(problem_of(row["node"]), people=tuple(map(_struck_of, row["people"])))
        for row in rows
    ]


async def save(database: Database, steps: Sequence[Step]) -> None:
    """Write problems and what happened to them, each with its history or not at all.

    Raises
    ------
    Conflict
        Somebody else changed one of them since it was read; the others are written.
    """
    rows = [_row(step) for step in steps]
    if not rows:
        return
    saved = await database.write(_SAVE, rows=rows)
    if len(saved) < len(rows):
        raise Conflict("somebody else changed the problem in the meantime: look at it again")


async def looked_to(reader: Reader) -> date:
    """Return the last day that was looked through; the earliest there is where none was."""
    rows = await reader.read(_LOOKED_TO)
    return rows[0]["looked_to_on"] if rows else date.min


async def write_looked_to(database: Database, day: date) -> None:
    """Write down the last day that was looked through."""
    await database.write(_WRITE_LOOKED_TO, looked_to_on=day)


async def act(
    database: Database,
    key: str,
    action: Action,
    by: str,
    note: str | None = None,
    revision: int | None = None,
) -> Row:
    """Do something about a problem and return it as it is then.

    Parameters
    ----------
    by
        Who does it: the subject of a token.
    revision
        That of the problem as they saw it; None: whatever it is.

    Raises
    ------
    NotFound
        There is no such problem.
    IllegalTransition
        It cannot be done in the problem's state.
    Conflict
        Somebody else changed it in the meantime.
    """
    known = (await problems(database, [key])).get(key)
    if known is None:
        raise NotFound("there is no problem with that key")
    problem = problem_of(known)
    if revision not in (None, problem.revision):
        raise Conflict("somebody else changed the problem in the meantime: look at it again")
    await save(database, [acted(problem, action, by, datetime.now(UTC), note)])
    return (await problems(database, [key]))[key]


def kpis_of(row: Mapping[str, Any]) -> tuple[KpiFall, ...]:
    """Return the KPIs of a problem's node."""
    columns = [row.get(name) or [] for name in _KPI]
    return tuple(KpiFall(*values) for values in zip(*columns, strict=True))


def problem_of(row: Mapping[str, Any]) -> Problem:
    """Return the problem that a node keeps."""
    names = [name for name in Problem.__dataclass_fields__ if name not in _IN_LISTS]
    standing = Standing(*(row[f"standing_{part}"] for part in _STANDING))
    known: dict[str, Any] = {name: row[name] for name in names if name in row}
    return Problem(**known, kpis=kpis_of(row), standing=standing, revision=row["revision"])


def _row(step: Step) -> Row:
    problem, properties = step.problem, asdict(step.problem)
    for name in _IN_LISTS:
        del properties[name]
    for name, part in _KPI.items():
        properties[name] = [getattr(kpi, part) for kpi in problem.kpis]
    for part in _STANDING:
        properties[f"standing_{part}"] = getattr(problem.standing, part)
    events = [
        {"event_id": uuid4().hex, "number": problem.revision * 10 + place, **asdict(entry)}
        for place, entry in enumerate(step.entries)
    ]
    return {
        "problem_id": problem.problem_id,
        "revision": problem.revision,
        "kind": problem.kind,
        "target": problem.target,
        "properties": properties,
        "events": events,
        "people": [_struck_row(one, problem.fall) for one in problem.people or ()],
    }


def _struck_row(one: Struck, fall: float) -> Row:
    return {
        "subscriber_id": one.subscriber_id,
        "properties": {
            **{name: getattr(one, name) for name in _STRUCK},
            **{f"standing_{part}": getattr(one.standing, part) for part in _STANDING},
            "state": one.state(band_of(fall)),
        },
    }


def _struck_of(row: Mapping[str, Any]) -> Struck:
    standing = Standing(*(row[f"standing_{part}"] for part in _STANDING))
    known: dict[str, Any] = {name: row[name] for name in ("subscriber_id", *_STRUCK)}
    return Struck(**known, standing=standing)
