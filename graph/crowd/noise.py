"""Counts with noise: what an answer tells of any one person is bounded, and the bounds add up.

A count gets two-sided geometric noise (Ghosh, Roughgarden and Sundararajan, STOC 2009), the whole
numbers' Laplace noise. Where one person is in one cell of an answer at most, the answer is
epsilon-differentially private: with or without any person, it is at most e^epsilon times as
probable. Several answers cost the sum of their epsilons (Dwork and Roth 2014, theorem 3.16),
whatever is known beside them. Nothing is said of a cell whose count may be of few, so that a cell
with nobody in it, which nobody names, differs from one of a single person in less than one case of
10^6 (the delta of stability-based histograms, Korolova et al., WWW 2009).
"""

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from graph.crowd.audit import LEAST

_HIDDEN = 1e-6  # of cells right below the threshold, at most so many appear to reach it
_MISSED = 0.05  # of intervals, at most so many miss the true count
_BITS = 52  # so that what is drawn, and what is left of it to 1, are exact in a float


def drawn() -> float:
    """Draw a number between 0 and 1, neither of which it is, that nobody can foresee."""
    return (secrets.randbits(_BITS) + 0.5) / float(2**_BITS)


@dataclass(frozen=True)
class Noise:
    """What makes counts private; it is drawn anew for every count.

    Attributes
    ----------
    epsilon : float
        What cells without a common member cost together, above 0; noise has the scale 1/epsilon.
    """

    epsilon: float
    draw: Callable[[], float] = drawn

    @property
    def width(self) -> int:
        """How far from the true count a told one is at most, in at least 95 of 100 cases."""
        return within(self.epsilon, _MISSED)

    def count(self, members: int) -> int | None:
        """Return a count with noise; ``None`` where it may be of fewer than sixteen."""
        noisy = members + geometric(self.epsilon, self.draw())
        return noisy if noisy >= LEAST + within(self.epsilon, 2 * _HIDDEN) else None


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
