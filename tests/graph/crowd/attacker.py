"""Somebody who was told counts, and solves for groups that are too small to be told of.

Written apart from the audit: by fractions where people are few, else by least squares.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import numpy.typing as npt

Group = frozenset[int]
_Row = list[Fraction]


def small_groups(answered: Sequence[Group], people: int, least: int) -> list[Group]:
    """Return every group of fewer than ``least`` people whose count follows from the answers."""
    base = _reduced([_row(group, people) for group in answered])
    return [
        frozenset(group)
        for size in range(1, least)
        for group in combinations(range(people), size)
        if not any(_rest(_row(frozenset(group), people), base))
    ]


def small_combinations(answered: Sequence[Group], people: int, least: int) -> bool:
    """Tell whether some combination of the answers is zero but for fewer than ``least`` people.

    Then, and only then, the answers' rank is lower where those people are left out.
    """
    rows = np.array([[person in group for person in range(people)] for group in answered], float)
    if not answered:
        return False
    rank = np.linalg.matrix_rank(rows)
    return any(
        np.linalg.matrix_rank(np.delete(rows, few, axis=1)) < rank
        for few in combinations(range(people), least - 1)
    )


def solved(answered: Sequence[Group], people: int, least: int) -> list[Group]:
    """Return groups below ``least`` that a least-squares solution of the answers determines.

    Tried are, of all pairs of answers, their differences and intersections, who are in the same
    answers, pairs of those, and what rows of the reduced answers tell of.
    """
    rows = np.zeros((len(answered), people))
    for position, group in enumerate(answered):
        rows[position, list(group)] = 1
    basis = np.linalg.svd(rows, full_matrices=False)[2][: np.linalg.matrix_rank(rows)]
    found = {group for group in _candidates(answered, rows) if 0 < len(group) < least}
    return [group for group in found if _is_spanned(basis, group)]


def _is_spanned(basis: npt.NDArray[np.float64], group: Group) -> bool:
    # The squares of the parts along the basis sum to the group's size only if it lies within.
    along = basis[:, list(group)].sum(axis=1)
    return abs(float(along @ along) - len(group)) < 1e-6


def _candidates(answered: Sequence[Group], rows: npt.NDArray[np.float64]) -> Iterator[Group]:
    for one, other in combinations(answered, 2):
        yield from (one & other, one - other, other - one, one ^ other)
    atoms: dict[bytes, set[int]] = {}
    for person, column in enumerate(rows.T):
        atoms.setdefault(column.tobytes(), set()).add(person)
    alike = [frozenset(atom) for atom in atoms.values() if len(atom) < 16]
    yield from alike
    for one, other in combinations(alike[:150], 2):
        yield one | other
    for row in _echelon(rows):
        yield frozenset(np.flatnonzero(np.abs(row) > 1e-9).tolist())


def _echelon(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the reduced rows, pivots in the columns of those in the fewest answers first."""
    order = np.argsort(rows.sum(axis=0), kind="stable")
    reduced = rows[:, order].copy()
    done = 0
    for column in range(reduced.shape[1]):
        if done == len(reduced):
            break
        pivot = done + int(np.argmax(np.abs(reduced[done:, column])))
        if abs(reduced[pivot, column]) > 1e-9:
            reduced[[done, pivot]] = reduced[[pivot, done]]
            reduced[done] /= reduced[done, column]
            others = np.arange(len(reduced)) != done
            reduced[others] -= np.outer(reduced[others, column], reduced[done])
            done += 1
    back: npt.NDArray[np.float64] = reduced[:done, np.argsort(order)]
    return back


def _row(group: Group, people: int) -> _Row:
    return [Fraction(person in group) for person in range(people)]


def _reduced(rows: Sequence[_Row]) -> list[tuple[int, _Row]]:
    base: list[tuple[int, _Row]] = []
    for row in rows:
        rest = _rest(row, base)
        pivot = next((column for column, value in enumerate(rest) if value), None)
        if pivot is not None:
            base.append((pivot, [value / rest[pivot] for value in rest]))
    return base


def _rest(row: _Row, base: Sequence[tuple[int, _Row]]) -> _Row:
    """Return what is left of a row when all that the base explains is taken away."""
    for pivot, known in base:
        if factor := row[pivot]:
            row = [value - factor * other for value, other in zip(row, known, strict=True)]
    return row
