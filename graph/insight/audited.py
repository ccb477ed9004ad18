"""What of an app's release one asker may see: that which the audit of all their answers admits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from graph.insight.release import Cohort, Move, Part, Period
from graph.insight.use import EVERYBODY, Key, Span, previous

Admits = Callable[[Collection[Key]], Collection[Key]]  # returns which of some may be told
_T = TypeVar("_T")


def periods(span: Span, told: Sequence[Period], admits: Admits) -> list[Period]:
    """Return periods, without the numbers that would tell of too few."""
    wanted = {key for one in told if one.users for key in _of_period(span, one)}
    admitted = admits(wanted)
    return [_seen(span, one, admitted) for one in told]


def cohorts(told: Sequence[Cohort], admits: Admits) -> list[Cohort]:
    """Return cohorts, without those, and the later weeks, that would tell of too few."""
    wanted = {key for one in told for key in (_of_cohort(one), *_of_later(one))}
    admitted = admits(wanted)
    return [_retained(one, admitted) for one in told if _of_cohort(one) in admitted]


def parts(name: str, told: Sequence[Part], admits: Admits) -> list[Part]:
    """Return parts of all users, by ``gender``, ``decade`` or ``area``."""
    return _whole([(one, {EVERYBODY, (name, one.value)}) for one in told], admits)


def moves(told: Sequence[Move], admits: Admits) -> list[Move]:
    """Return moves to other apps, whose shares are of all who left in the month."""
    return _whole([(one, _of_move(one)) for one in told], admits)


def _whole(told: Sequence[tuple[_T, set[Key]]], admits: Admits) -> list[_T]:
    """Return what may be told with all that it is computed from."""
    admitted = set(admits(set().union(*(keys for _, keys in told))))
    return [one for one, keys in told if keys <= admitted]


def _of_period(span: Span, one: Period) -> list[Key]:
    """Return whom a period's numbers are about: its users, and whom its changes compare."""
    users: list[Key] = [(span, one.since.isoformat())]
    return [*users, *_of_change(span, one)] if one.growth or one.churn else users


def _of_change(span: Span, one: Period | Move) -> list[Key]:
    former = previous(span, one.since).isoformat()
    return [(span, former), ("stayed", span, one.since.isoformat())]


def _seen(span: Span, one: Period, admitted: Collection[Key]) -> Period:
    users, *change = _of_period(span, one)
    if one.users is None or users not in admitted:
        return Period(since=one.since, until=one.until, is_whole=one.is_whole, users=None)
    if all(key in admitted for key in change):
        return one
    return one.model_copy(update={"growth": None, "churn": None})


def _of_cohort(one: Cohort) -> Key:
    return ("cohort", one.since.isoformat())


def _of_later(one: Cohort) -> Mapping[Key, int]:
    """Return whom each later week is about, and which week that is, by its place."""
    return {
        ("retained", one.since.isoformat(), later.weeks): place
        for place, later in enumerate(one.retained)
    }


def _retained(one: Cohort, admitted: Collection[Key]) -> Cohort:
    there = [one.retained[place] for key, place in _of_later(one).items() if key in admitted]
    return one.model_copy(update={"retained": tuple(there)})


def _of_move(one: Move) -> set[Key]:
    return {("moved", one.since.isoformat(), one.app_id), *_of_change("month", one)}
