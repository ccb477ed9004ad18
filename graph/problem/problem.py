"""A problem: what ails an entity, who is to mend it and by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from graph.errors import BadInput
from graph.problem.delimit import Domain, Evidence, KpiFall
from graph.problem.position import Finding
from graph.problem.states import SYSTEM, Action, Entry, State, moved
from graph.problem.struck import MOST_STRUCK, Struck, joined
from graph.problem.sums import Kind
from graph.problem.verify import NOTHING, Standing

Severity = Literal["minor", "major", "critical"]
DEPARTMENTS: Mapping[Domain, str] = {
    "device": "device management",
    "radio": "radio access",
    "transport": "transport",
    "core": "core network",
    "service_provider": "partner management",
}
DUE_H: Mapping[Severity, int] = {"critical": 4, "major": 24, "minor": 72}
_MAJOR_FALL, _CRITICAL_FALL = 8.0, 20.0  # points
_WIDE: tuple[Kind, ...] = ("service", "network")  # whatever falls there is critical
MOST_NOTE = 2_000  # characters
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Problem:
    """What ails an entity, until its score has recovered.

    Attributes
    ----------
    department : str
        Which owns it, by the domain at fault.
    opened_at, due_at, verified_at : datetime
        When it was opened, or opened again, by when it should be resolved, and when verification
        found that the score has recovered.
    began_on, last_seen_on, looked_to_on : date
        First and last day on which the entity fell short, and the last day looked through.
    fall, samples : float, int
        Of its worst day: mean shortfall in points, and samples.
    chance : float
        How likely such a fall is by chance, of all those looked at, in [0, 1].
    is_by_hours, first_hour, last_hour
        Whether it is a matter of some hours of the day (UTC), and of which, the last one exclusive.
    standing : Standing
        How the entity has stood since it last fell short.
    reopened : int
        How often it was opened again.
    struck, recovered, awaited : int
        How many subscribers lost by it, and of those that it remembers: how many are shown to be
        as they were, and how many have had no sample since.
    people : tuple of Struck or None
        Those that it remembers; None: they were not read.
    revision : int
        Grows with every change, so that nobody overwrites what they have not seen.
    """

    problem_id: str
    kind: Kind
    target: str
    state: State
    domain: Domain
    is_supported: bool
    department: str
    severity: Severity
    opened_at: datetime
    due_at: datetime
    began_on: date
    last_seen_on: date
    looked_to_on: date
    fall: float
    samples: int
    chance: float
    is_by_hours: bool
    first_hour: int
    last_hour: int
    kpis: tuple[KpiFall, ...]
    assignee: str | None = None
    verified_at: datetime | None = None
    standing: Standing = NOTHING
    reopened: int = 0
    struck: int = 0
    recovered: int = 0
    awaited: int = 0
    people: tuple[Struck, ...] | None = None
    revision: int = 0

    @property
    def hours(self) -> tuple[int, int]:
        """The hours of the day in which it is to be verified."""
        return (self.first_hour, self.last_hour) if self.is_by_hours else (0, 24)


@dataclass(frozen=True)
class Step:
    """A problem as it is now, and what happened on the way."""

    problem: Problem
    entries: tuple[Entry, ...] = ()


def severity_of(kind: Kind, fall: float) -> Severity:
    """Return how bad a fall is.

    Examples
    --------
    >>> severity_of("cell", 30.0), severity_of("app", 9.0), severity_of("app", 4.0)
    ('critical', 'major', 'minor')
    """
    if kind == "subscriber":
        return "major" if fall >= _CRITICAL_FALL else "minor"
    if kind in _WIDE or fall >= _CRITICAL_FALL:
        return "critical"
    return "major" if fall >= _MAJOR_FALL else "minor"


def day_of(window: int) -> date:
    """Return the day of a window.

    Examples
    --------
    >>> day_of(20_458)
    datetime.date(2026, 1, 5)
    """
    return _EPOCH + timedelta(days=window)


def window_of(day: date) -> int:
    """Return the window that a day is.

    Examples
    --------
    >>> window_of(date(2026, 1, 5))
    20458
    """
    return (day - _EPOCH).days


def opened(
    problem_id: str,
    finding: Finding,
    evidence: Evidence,
    at: datetime,
    struck: Sequence[Struck] = (),
) -> Step:
    """Return a new problem that has struck some subscribers, those who lost most first."""
    severity, day = severity_of(finding.kind, finding.fall), day_of(finding.window)
    problem = Problem(
        problem_id=problem_id,
        kind=finding.kind,
        target=finding.target,
        state="open",
        domain=evidence.domain,
        is_supported=evidence.is_supported,
        department=DEPARTMENTS[evidence.domain],
        severity=severity,
        opened_at=at,
        due_at=at + timedelta(hours=DUE_H[severity]),
        began_on=day,
        last_seen_on=day,
        looked_to_on=day,
        fall=finding.fall,
        samples=finding.samples,
        chance=finding.chance,
        is_by_hours=evidence.is_by_hours,
        first_hour=evidence.first_hour,
        last_hour=evidence.last_hour,
        kpis=evidence.kpis,
        struck=len(struck),
        awaited=min(len(struck), MOST_STRUCK),
        people=joined((), struck),
    )
    return Step(problem, (Entry(at, SYSTEM, "open", None, "open"),))


def acted(problem: Problem, action: Action, by: str, at: datetime, note: str | None = None) -> Step:
    """Return a problem after somebody did something about it.

    Parameters
    ----------
    note
        The comment of ``comment``, the assignee of ``assign``, else an optional reason.

    Raises
    ------
    IllegalTransition
        It cannot be done in the problem's state.
    BadInput
        The note is too long, or lacks where one is needed.
    """
    note = note.strip() if note else None
    if action in ("comment", "assign") and not note:
        raise BadInput(f"say {'what to add' if action == 'comment' else 'whom to assign it to'}")
    if note and len(note) > MOST_NOTE:
        raise BadInput(f"the text is longer than {MOST_NOTE} characters")
    state = moved(problem.state, action)
    entry = Entry(at, by, action, problem.state, state, note)
    changed = replace(problem, state=state)
    if action == "assign":
        changed = replace(changed, assignee=note)
    if action == "close":
        changed = replace(changed, verified_at=at)
    if action == "reopen":
        due_at = at + timedelta(hours=DUE_H[problem.severity])
        changed = replace(
            changed, opened_at=at, due_at=due_at, verified_at=None, reopened=problem.reopened + 1
        )
    return Step(changed, (entry,))
