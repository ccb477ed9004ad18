"""What may be counted for somebody, after all that they have been told.

An answer is the number, or the sum of any measure, of some subscribers; all answers together are
linear equations. Whoever solves them learns each combination of answers, and nothing else, so no
combination may tell of one to fifteen people. The audit answers a new count only while it can show
sixteen panels: groups without a common member, each of as many subscribers as there are independent
answers, whose columns in the matrix of answers are independent. A combination that tells of fewer
than sixteen people leaves out some panel whole. It is zero on that panel, whose columns are
independent, so it is zero on everybody. docs/adr/0013 says more, and what this cannot do.

The columns are compared modulo a prime of 31 bits: what is independent there, is so of rationals.
"""

import secrets
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from graph.projection import Ints

LEAST = 16
MOST_ANSWERS = 512  # independent ones; sixteen matrices of that size must be kept
_BITS = 31  # of the prime, so that products fit into 64 bits
_Flags = npt.NDArray[np.bool_]
Key = TypeVar("Key")


class Audit:
    """All that one asker has been told, and whether one answer more would tell too much.

    Subscribers are numbers from 1 on. Who are in exactly the same answers are one atom; atom 0 are
    those whom no answer counts.

    Parameters
    ----------
    prime : int
        One of 31 bits that nobody who asks can know, see ``random_prime``.
    least : int
        The smallest group that anything may be learnt of, at least 1.
    """

    def __init__(self, prime: int, least: int = LEAST) -> None:
        self._prime = prime
        self._least = least
        self._atom_of = np.zeros(1, np.int64)
        self._is_taken = np.ones(1, np.bool_)  # stands on a panel; nobody has the number 0
        self._answers = np.zeros((0, 1), np.uint8)  # by atom
        self._panels = np.zeros((least, 0), np.int64)
        self._inverses = np.zeros((least, 0, 0), np.int64)  # of the panels' columns

    def __len__(self) -> int:
        """Return how many independent answers there are."""
        return len(self._answers)

    def admits(self, members: Ints) -> bool:
        """Tell whether these may be counted, and if so, take them for counted.

        Parameters
        ----------
        members : array of int64
            Numbers of subscribers, each once.
        """
        if len(members) < self._least:
            return False
        child_of = self._children(members)
        weights = self._weights(child_of)
        left = self._left(weights)
        left[:, np.bincount(child_of, minlength=left.shape[1]) == 0] = 0
        if not left[0].any():
            return True  # follows from what is known
        free = np.bincount(child_of[~self._is_taken], minlength=left.shape[1])
        chosen = _chosen(left != 0, free)
        if chosen is None or len(self) == MOST_ANSWERS:
            return False
        witnesses = self._taken(child_of, chosen)
        self._extend(witnesses, weights, np.take_along_axis(left, chosen[:, None], 1)[:, 0])
        self._refine(child_of)
        return True

    def _children(self, members: Ints) -> Ints:
        """Return of each subscriber twice the atom, and one more of those who are to be counted."""
        missing = int(members.max()) + 1 - len(self._atom_of)
        if missing > 0:
            self._atom_of = np.append(self._atom_of, np.zeros(missing, np.int64))
            self._is_taken = np.append(self._is_taken, np.zeros(missing, np.bool_))
        child_of = 2 * self._atom_of
        child_of[members] += 1
        return child_of

    def _weights(self, child_of: Ints) -> Ints:
        """Return the combination of answers that each panel takes the new one for."""
        told = child_of[self._panels] & 1
        product: Ints = (told[:, None, :] @ self._inverses)[:, 0] % self._prime
        return product

    def _left(self, weights: Ints) -> Ints:
        """Return by panel and child what the new answer is beside that combination."""
        # Less than 512 numbers of 31 bits: their sum is exact in a float of 53.
        explained = weights.astype(np.float64) @ self._answers.astype(np.float64)
        both = np.stack([-explained, 1 - explained], axis=2).reshape(self._least, -1)
        left: Ints = both.astype(np.int64) % self._prime
        return left

    def _taken(self, child_of: Ints, chosen: Ints) -> Ints:
        """Take somebody who is free for each panel, from the child that was chosen for it."""
        witnesses = np.zeros(self._least, np.int64)
        for child in np.unique(chosen):
            panels = np.flatnonzero(chosen == child)
            there = np.flatnonzero((child_of == child) & ~self._is_taken)
            witnesses[panels] = there[: len(panels)]
        self._is_taken[witnesses] = True
        return witnesses

    def _extend(self, witnesses: Ints, weights: Ints, pivots: Ints) -> None:
        """Border each panel's matrix by the new answer and witness, and its inverse with it."""
        prime, size = self._prime, len(self)
        inverses = np.zeros((self._least, size + 1, size + 1), np.int64)
        for panel, inverse in enumerate(self._inverses):
            column = self._answers[:, self._atom_of[witnesses[panel]]].astype(np.int64)
            solved = inverse @ column % prime
            per_pivot = pow(int(pivots[panel]), -1, prime)
            scaled = solved * per_pivot % prime
            inverses[panel, :-1, :-1] = (inverse + np.outer(scaled, weights[panel])) % prime
            inverses[panel, :-1, -1] = -scaled % prime
            inverses[panel, -1, :-1] = -weights[panel] * per_pivot % prime
            inverses[panel, -1, -1] = per_pivot
        self._inverses = inverses
        self._panels = np.column_stack([self._panels, witnesses])

    def _refine(self, child_of: Ints) -> None:
        children, self._atom_of = np.unique(child_of, return_inverse=True)
        told = (children & 1).astype(np.uint8)
        self._answers = np.vstack([self._answers[:, children >> 1], told])


def greatest_first(cells: Mapping[Key, Ints]) -> list[Key]:
    """Return the cells of a table, its margins among them, in the order to count them in.

    Of cells that would tell of each other, the smallest are then left out: this is complementary
    suppression, whatever the table's shape.
    """
    return sorted(cells, key=lambda cell: -len(cells[cell]))


def random_prime() -> int:
    """Draw a prime that nobody can build questions on."""
    while True:
        odd = secrets.randbits(_BITS) | 1 << _BITS - 1 | 1
        if is_prime(odd):
            return odd


def is_prime(odd: int) -> bool:
    """Test an odd number by Miller and Rabin.

    Their bases leave no doubt from 11 up to 3.2 * 10^9 (Jaeschke, Math. Comp. 61, 1993).
    """
    twos = (odd - 1 & 1 - odd).bit_length() - 1
    for base in (2, 3, 5, 7):
        power = pow(base, odd - 1 >> twos, odd)
        if power not in (1, odd - 1) and all(
            pow(power, 1 << times, odd) != odd - 1 for times in range(1, twos)
        ):
            return False
    return True


def _chosen(is_usable: _Flags, free: Ints) -> Ints | None:
    """Return a child for each panel, as often as it has free members; ``None``: there are too few.

    Panels with little choice come first, and take of the largest child.
    """
    free = free.copy()
    chosen = np.zeros(len(is_usable), np.int64)
    for panel in np.argsort(is_usable @ free, kind="stable"):
        chosen[panel] = np.argmax(is_usable[panel] * free)
        if not is_usable[panel, chosen[panel]] or not free[chosen[panel]]:
            return None
        free[chosen[panel]] -= 1
    return chosen
