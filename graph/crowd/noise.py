"""Counts with noise: what a release tells of any one person is bounded, and the bounds add up.

A count gets two-sided geometric noise (Ghosh, Roughgarden and Sundararajan, STOC 2009), the whole
numbers' Laplace noise. Where one person is in one cell of a release at most, the release is
epsilon-differentially private: with or without any person, each answer is at most e^epsilon times
as probable. Several releases cost the sum of their epsilons (Dwork and Roth 2014, theorem 3.16).
The noise of a cell is drawn by a key from the release's and the cell's names, so that asking again
brings the same answer, to whoever asks.
"""

import math
from dataclasses import dataclass

from graph.crowd.audit import LEAST
from graph.identity import IdentityKey

_HIDDEN = 1e-3  # of cells right below the threshold, at most so many appear to reach it
_MISSED = 0.05  # of intervals, at most so many miss the true count
_DIGITS = 16  # of a keyed digest: 64 bits


@dataclass(frozen=True)
class Estimate:
    """A count with noise, and an interval that holds the true one in at least 95 of 100 cases."""

    count: int
    low: int
    high: int


@dataclass(frozen=True)
class Noise:
    """What makes counts private.

    Attributes
    ----------
    epsilon : float
        What one release costs, above 0; noise has the scale 1/epsilon.
    """

    key: IdentityKey
    epsilon: float

    def estimate(self, release: str, cell: str, members: int) -> Estimate | None:
        """Return a count with noise; ``None`` where it may be of fewer than sixteen."""
        digest = self.key.digest(f"noise\0{release}\0{cell}".encode())[:_DIGITS]
        chance = (int(digest, 16) + 0.5) / 16**_DIGITS
        noisy = members + geometric(self.epsilon, chance)
        if noisy < LEAST + within(self.epsilon, 2 * _HIDDEN):
            return None
        width = within(self.epsilon, _MISSED)
        return Estimate(noisy, noisy - width, noisy + width)


def geometric(epsilon: float, chance: float) -> int:
    """Return the quantile of two-sided geometric noise, P(k) = tanh(epsilon / 2) e^(-epsilon |k|).

    Parameters
    ----------
    chance : float
        In (0, 1).

    Examples
    --------
    >>> [geometric(1.0, chance) for chance in (0.01, 0.26, 0.5, 0.74, 0.99)]
    [-4, -1, 0, 1, 4]
    """
    if chance > 0.5:  # it is symmetric, and nearer to 0 floats are finer
        return -geometric(epsilon, 1 - chance)
    return min(0, math.ceil(math.log(chance * (1 + math.exp(-epsilon))) / epsilon))


def within(epsilon: float, missed: float) -> int:
    """Return the least width that the noise exceeds, on both sides together, so seldom.

    Examples
    --------
    >>> within(1.0, 0.05), within(0.1, 0.05)
    (3, 30)
    """
    # P(|noise| > width) = 2 e^(-epsilon (width + 1)) / (1 + e^-epsilon)
    tail = math.log(2 / (missed * (1 + math.exp(-epsilon)))) / epsilon
    return max(0, math.ceil(tail) - 1)
