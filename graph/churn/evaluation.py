"""How well scores told who would leave, each number with its interval.

The area under the ROC curve has DeLong's variance [1]_, as quick as ranking [2]_; lift and expected
profit have percentiles of a bootstrap over subscribers.

References
----------
.. [1] E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the areas under two or more correlated
   receiver operating characteristic curves", Biometrics 44(3), 1988, pp. 837-845.
.. [2] X. Sun, W. Xu, "Fast implementation of DeLong's algorithm for comparing the areas under
   correlated receiver operating characteristic curves", IEEE Signal Processing Letters 21(11),
   2014, pp. 1389-1393.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from graph.churn.profit import Campaign, Floats, Labels, expected_profit
from graph.errors import BadInput

LEVEL = 0.95
_RESAMPLES = 200
_SEED = 1


@dataclass(frozen=True)
class Measured:
    """A number and the interval that holds the true one 19 times of 20."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Evaluation:
    """How well scores told who would leave.

    Attributes
    ----------
    subscribers, leavers : int
        How many were scored, and how many of them left.
    auc : Measured
        Probability that a leaver has a higher score than one who stays, 0.5: by chance.
    lift : Measured
        How many times as many of the tenth with the highest scores left as of all.
    empc : Measured
        Expected profit a subscriber of the best campaign, in the campaign's currency.
    called : float
        Share of subscribers whom that campaign calls.
    """

    subscribers: int
    leavers: int
    auc: Measured
    lift: Measured
    empc: Measured
    called: float


def evaluate(labels: Labels, scores: Floats, campaign: Campaign | None = None) -> Evaluation:
    """Return how well scores told who would leave.

    Raises
    ------
    BadInput
        Nobody left, or everybody did: then nothing can be said.
    """
    leaves = _checked(labels, scores)

    def amount(some: Labels, theirs: Floats) -> float:
        return expected_profit(some, theirs, campaign).amount

    return Evaluation(
        len(leaves),
        int(leaves.sum()),
        auc(leaves, scores),
        bootstrapped(lift, leaves, scores),
        bootstrapped(amount, leaves, scores),
        expected_profit(leaves, scores, campaign).share,
    )


def auc(labels: Labels, scores: Floats) -> Measured:
    """Return the area under the ROC curve, ties counting a half.

    Examples
    --------
    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).value
    0.75
    """
    leaves = _checked(labels, scores)
    area, of_leavers, of_others = _placements(leaves, scores)
    variance = _variance(of_leavers) + _variance(of_others)
    return _interval(area, variance, 0.0, 1.0)


def auc_gain(labels: Labels, scores: Floats, baseline: Floats) -> Measured:
    """Return by how much the area of some scores is above that of others for the same people."""
    leaves = _checked(labels, scores)
    area, of_leavers, of_others = _placements(leaves, scores)
    other, their_leavers, their_others = _placements(leaves, baseline)
    more_leavers, more_others = of_leavers - their_leavers, of_others - their_others
    variance = _variance(more_leavers) + _variance(more_others)
    return _interval(area - other, variance, -1.0, 1.0)


def lift(labels: Labels, scores: Floats, share: float = 0.1) -> float:
    """Return how many times as many of those with the highest scores left as of all.

    Of equal scores at the edge, each counts by the same part.

    Examples
    --------
    >>> lift(np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.9]), 0.25)
    4.0
    """
    called = share * len(scores)
    order = np.argsort(-scores, kind="stable")
    edge = scores[order[max(0, int(np.ceil(called)) - 1)]]
    above, even = scores > edge, scores == edge
    caught = labels[above].sum() + labels[even].mean() * (called - above.sum())
    return float(caught / called / np.mean(labels))


def bootstrapped(
    measure: Callable[[Labels, Floats], float], labels: Labels, scores: Floats
) -> Measured:
    """Return a measure with the percentiles of its values over people drawn with replacement.

    Leavers and the others are drawn apart, so that there are always as many of each.
    """
    leaves = np.asarray(labels, dtype=bool)
    rng, parts = np.random.default_rng(_SEED), [np.flatnonzero(leaves), np.flatnonzero(~leaves)]
    values = []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate([rng.choice(part, len(part)) for part in parts])
        values.append(measure(leaves[drawn], scores[drawn]))
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Measured(measure(leaves, scores), float(low), float(high))


def _checked(labels: Labels, scores: Floats) -> Labels:
    leaves = np.asarray(labels, dtype=bool)
    if len(leaves) != len(scores):
        raise BadInput("there must be a score for each label")
    if not leaves.any() or leaves.all():
        raise BadInput("to judge scores, there must be some who left and some who stayed")
    return leaves


def _placements(leaves: Labels, scores: Floats) -> tuple[float, Floats, Floats]:
    """Return the area, and what share of the others each leaver is above, and vice versa."""
    ranks, leaving, staying = rankdata(scores), scores[leaves], scores[~leaves]
    of_leavers = (ranks[leaves] - rankdata(leaving)) / len(staying)
    of_others = 1 - (ranks[~leaves] - rankdata(staying)) / len(leaving)
    return float(of_leavers.mean()), of_leavers, of_others


def _variance(values: Floats) -> float:
    """Return the variance of a mean; of a single value nothing is known, so that it is 1/4."""
    if len(values) == 1:
        return 0.25
    return float(values.var(ddof=1)) / len(values)


def _interval(value: float, variance: float, least: float, most: float) -> Measured:
    half = float(norm.ppf((1 + LEVEL) / 2)) * variance**0.5
    return Measured(value, max(least, value - half), min(most, value + half))
