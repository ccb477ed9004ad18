"""The closed loop: what a window means for the problems that there are.

A finding opens a problem, or reopens one that was thought to be mended. A watched problem without
a finding goes into verification, which closes it when its entity and those whom it struck have
recovered, and reopens it when they have not. Windows that a problem was looked through with before
change nothing, so that the same days may be looked through again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.problem.delimit import delimit
from graph.problem.identify import Seen
from graph.problem.position import Finding
from graph.problem.problem import Problem, Step, acted, day_of, opened, severity_of
from graph.problem.states import AT_WORK, SYSTEM, WATCHED, Action
from graph.problem.struck import Struck, after, agreed, band_of, counted, joined, struck_by
from graph.problem.sums import Kind
from graph.problem.verify import NOTHING, band, standing, verdict

Entity = tuple[Kind, str]
REOPENS_WITHIN = timedelta(days=14)  # of its last bad day; later it is another problem
_SAME_EPISODE = timedelta(days=3)  # a dismissed problem stays dismissed while it goes on


@dataclass(frozen=True)
class Now:
    """The present, and where new identifiers come from."""

    at: datetime
    new_id: Callable[[], str]


def follow(problems: Iterable[Problem], seen: Seen, now: Now) -> list[Step]:
    """Return what a window changes.

    Parameters
    ----------
    problems
        All that there are; of one entity the latest counts.
    """
    latest = _latest(problems)
    found: dict[Entity, Finding] = {(one.kind, one.target): one for one in seen.findings}
    steps = [
        _with_finding(latest.get(entity), finding, seen, now)
        for entity, finding in found.items()
        if finding.is_certain
    ]
    steps += [
        _without(problem, seen, now)
        for entity, problem in latest.items()
        if entity not in found and problem.state in WATCHED
    ]
    return [step for step in steps if step is not None]


def _latest(problems: Iterable[Problem]) -> Mapping[Entity, Problem]:
    found: dict[Entity, Problem] = {}
    for problem in sorted(problems, key=lambda one: (one.began_on, one.opened_at)):
        found[problem.kind, problem.target] = problem
    return found


def _with_finding(known: Problem | None, finding: Finding, seen: Seen, now: Now) -> Step | None:
    day = day_of(seen.window)
    if known is not None and day <= known.looked_to_on:
        return None
    if known is None or _is_another(known, finding):
        struck = struck_by(seen, finding)
        return opened(now.new_id(), finding, delimit(seen, finding), now.at, struck)
    worse = _with_struck(_worse(known, finding), struck_by(seen, finding))
    changed = replace(worse, last_seen_on=day, looked_to_on=day, standing=NOTHING)
    if known.state in AT_WORK or known.state == "dismissed":
        return Step(changed)
    return _did(changed, "reopen", now, "the score fell again")


def _is_another(known: Problem, finding: Finding) -> bool:
    since = day_of(finding.window) - known.last_seen_on
    if known.state == "dismissed":
        return since > _SAME_EPISODE
    return known.state == "closed" and since > REOPENS_WITHIN


def _worse(known: Problem, finding: Finding) -> Problem:
    if finding.fall <= known.fall:
        return known
    return replace(
        known,
        fall=finding.fall,
        samples=finding.samples,
        chance=finding.chance,
        severity=severity_of(finding.kind, finding.fall),
    )


def _with_struck(known: Problem, struck: list[Struck]) -> Problem:
    people = joined(known.people or (), struck)
    return replace(
        known,
        people=people,
        struck=max(known.struck, len(struck), len(people)),
        recovered=0,
        awaited=len(people),
    )


def _without(problem: Problem, seen: Seen, now: Now) -> Step | None:
    day = day_of(seen.window)
    if day <= problem.looked_to_on:
        return None
    stood = standing(seen, problem.kind, problem.target, problem.hours)
    changed = replace(problem, looked_to_on=day, standing=problem.standing + stood)
    changed = _after(changed, seen)
    if not stood.samples:
        return Step(changed)  # nobody was there to tell
    step = Step(changed)
    if problem.state != "verifying":
        step = _did(changed, "verify", now, "no fall on that day")
    told = verdict(changed.standing, band(seen, problem.kind, problem.fall))
    waited_d = (day - problem.last_seen_on).days
    of_people = agreed(changed.people or (), band_of(problem.fall), waited_d)
    if told == of_people == "recovered":
        return _then(step, "close", now, "the score has recovered")
    if "fallen" in (told, of_people):
        again = replace(_with_struck(step.problem, []), standing=NOTHING)
        return _then(Step(again, step.entries), "reopen", now, "the score has not recovered")
    return step


def _after(problem: Problem, seen: Seen) -> Problem:
    people = after(problem.people or (), seen, problem.kind)
    states = counted(people, band_of(problem.fall))
    return replace(problem, people=people, recovered=states["recovered"], awaited=states["awaited"])


def _did(problem: Problem, action: Action, now: Now, note: str) -> Step:
    return acted(problem, action, SYSTEM, now.at, note)


def _then(step: Step, action: Action, now: Now, note: str) -> Step:
    further = _did(step.problem, action, now, note)
    return Step(further.problem, step.entries + further.entries)
