"""What two subscribers are to each other: how strong their ties are, and what that hints at.

A hint is no fact. Two are taken for one *household* who live at the same place and have at least
half of their calls and messages outside office hours, for *colleagues* who work at the same place,
live at different ones, and have at least half in office hours. Where it is not known when they
talked, the places alone decide; what a third party states counts by itself.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.database.session import Row
from graph.errors import NotFound
from graph.projection import Projection
from graph.tie.strength import Parts, parts

_TELLING = 0.5

Kind = Literal["household", "colleague"]


@dataclass(frozen=True)
class Hint:
    """What two may be to each other, and by what.

    Attributes
    ----------
    place : str or None
        H3 index of the home or workplace that they share.
    share : float or None
        Part of their calls and messages, 0 to 1, outside office hours (household) or in them
        (colleague); None: it is not known when they talked.
    is_stated : bool
        Whether a third party says so.
    """

    kind: Kind
    place: str | None
    share: float | None
    is_stated: bool


@dataclass(frozen=True, eq=False)
class Relation:
    """The ties between two, each way; overlap as in ``graph.tie.overlap``, 0 to 1."""

    outgoing: Row | None
    incoming: Row | None
    overlap: float


def relation(ties: Projection, one: str, other: str) -> Relation:
    """Return the strengths of both ties between two, and how far they have the same contacts.

    Raises
    ------
    NotFound
        One of them is not among the ties' subscribers.
    """
    first, second = ties.positions([one, other]).tolist()
    ways = [_tie(ties, first, second), _tie(ties, second, first)]
    at = sorted(way for way in ways if way >= 0)
    columns = {name: column[at] for name, column in ties.columns.items()}
    between = Projection(ties.keys, ties.version, ties.caller[at], ties.callee[at], columns)
    told = parts(between, until_us=ties.last_at_us)
    rows = {way: _row(told, row) for row, way in enumerate(at)}
    return Relation(rows.get(ways[0]), rows.get(ways[1]), _overlap(ties, first, second))


def relations(
    ties: Projection, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Relation]:
    """Return what pairs are to each other, but for those of whom one is not among the ties'."""
    found = {}
    for pair in pairs:
        with suppress(NotFound):
            found[pair] = relation(ties, *pair)
    return found


@dataclass(frozen=True)
class Shared:
    """What two subscribers share: the H3 index of a home, or of a workplace; None: of neither."""

    home: str | None
    work: str | None


def hints(
    shared: Shared, stated: Collection[str], timed: Projection | None, one: str, other: str
) -> list[Hint]:
    """Return what two may be to each other.

    Parameters
    ----------
    stated : collection of str
        As what a third party says that they know each other, such as ``colleague``.
    timed : Projection or None
        All ties, with when they were used.
    """
    office = _office_share(timed, one, other) if timed is not None else None
    outside, found = None if office is None else 1 - office, []
    if shared.home and (outside is None or outside >= _TELLING):
        found.append(Hint("household", shared.home, outside, is_stated=False))
    is_stated, is_at_work = "colleague" in stated, bool(shared.work and not shared.home)
    if is_stated or (is_at_work and (office is None or office >= _TELLING)):
        found.append(Hint("colleague", shared.work, office, is_stated))
    return found


def _tie(ties: Projection, caller: int, callee: int) -> int:
    """Return where the tie between two stands; -1: there is none."""
    begin, end = np.searchsorted(ties.caller, [caller, caller + 1]).tolist()
    at = begin + int(np.searchsorted(ties.callee[begin:end], callee))
    return at if at < end and ties.callee[at] == callee else -1


def _row(told: Parts, at: int) -> Row:
    return {name: float(column[at]) for name, column in vars(told).items()}


def _overlap(ties: Projection, one: int, other: int) -> float:
    contacts = ties.contacts
    theirs = [
        contacts.indices[contacts.indptr[each] : contacts.indptr[each + 1]] for each in (one, other)
    ]
    common = len(np.intersect1d(theirs[0], theirs[1], assume_unique=True))
    union = len(theirs[0]) + len(theirs[1]) - 2 - common
    return common / union if union > 0 else 0.0


def _office_share(timed: Projection, one: str, other: str) -> float | None:
    try:
        first, second = timed.positions([one, other]).tolist()
    except NotFound:
        return None
    at = [way for way in (_tie(timed, first, second), _tie(timed, second, first)) if way >= 0]
    events = sum(int(timed.columns["calls"][way] + timed.columns["messages"][way]) for way in at)
    office = sum(int(timed.columns["office"][way]) for way in at)
    return office / events if events else None
