"""How likely a shortfall is by chance, for scores that are skewed.

References
----------
.. [1] G. Bennett, "Probability inequalities for the sum of independent random variables", JASA 57,
   33 (1962), doi:10.1080/01621459.1962.10482149.
"""

import math

import numpy as np

from graph.problem.sums import Floats, quotient


def upper_tail(z: float) -> float:
    """Return how likely a normal deviate is at least so large.

    Examples
    --------
    >>> round(upper_tail(1.959964), 4)
    0.025
    """
    return math.erfc(z / math.sqrt(2)) / 2


def bennett_variance(fall: Floats, n: Floats, variance: Floats, most: Floats) -> Floats:
    """Return the variance of a mean for which the normal tail is as thin as Bennett's bound [1]_.

    Scores are skewed: one session in a hundred fails and scores 0. A normal tail takes three
    failures of a small cell for a disaster. The bound holds for whatever is independent and falls
    short by ``most`` at the most.

    Parameters
    ----------
    fall : Floats
        Mean shortfall of each entity, in points.
    n, variance : Floats
        How many samples, and the variance of one.
    most : Floats
        By how much one sample can fall short, in points.

    Examples
    --------
    Ten points over a hundred samples of variance 100: 1, were it not for the skewness.

    >>> bennett_variance(*(np.array([x]) for x in (10.0, 100.0, 100.0, 80.0))).round(2).tolist()
    [2.72]
    """
    is_short = (fall > 0) & (n > 0) & (variance > 0) & (most > 0)
    fall, n, variance, most = (
        np.where(is_short, value, 1.0) for value in (fall, n, variance, most)
    )
    ratio = most * fall / variance
    exponent = n * variance / most**2 * ((1 + ratio) * np.log1p(ratio) - ratio)
    return np.where(is_short, fall**2 / (2 * exponent), quotient(variance, n))
