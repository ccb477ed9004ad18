"""An additive model of churn: the log-odds of leaving are a sum with a part for each feature.

A feature's range is cut into steps of about equally many subscribers, and each step has a weight;
what is not known has a weight of its own. The weights are those of a logistic regression with a
quadratic penalty [1]_. The sum is then stretched and shifted so that on people whom it has not seen
it says as many leavers as there are (Platt's scaling [2]_). As both are additive, the parts explain
a score exactly: they sum to its log-odds.

References
----------
.. [1] T. Hastie, R. Tibshirani, "Generalized additive models", Chapman and Hall, 1990.
.. [2] J. Platt, "Probabilistic outputs for support vector machines", in Advances in Large Margin
   Classifiers, MIT Press, 1999.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from graph.churn.records import Flags, Floats, Matrix
from graph.errors import BadInput

_STEPS = 8
_PENALTY = 0.1  # inverse strength, as scikit-learn has it
FEWEST = 10  # leavers, and others


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned.

    Attributes
    ----------
    columns : tuple of int
        Which columns of the values it looks at.
    edges : tuple of array
        For each of them, where its steps end; a value on an edge is above it.
    weights : tuple of array
        For each of them, the part of each step, the last being for what is not known. In the mean
        of those it was learned from, every feature's part is 0.
    base : float
        Log-odds of somebody all of whose parts are 0.
    """

    columns: tuple[int, ...]
    edges: tuple[Floats, ...]
    weights: tuple[Floats, ...]
    base: float

    def parts(self, values: Floats) -> Floats:
        """Return the part of each feature in the log-odds: a row each, a column a feature."""
        return np.column_stack(
            [
                weights[_steps(values[:, column], edges)]
                for column, edges, weights in zip(
                    self.columns, self.edges, self.weights, strict=True
                )
            ]
        )

    def risk(self, values: Floats) -> Floats:
        """Return the probability of leaving within the horizon, in [0, 1]."""
        risk: Floats = expit(self.base + self.parts(values).sum(axis=1))
        return risk

    def calibrated(self, values: Floats, leaves: Flags) -> "Model":
        """Return the model stretched and shifted to fit people whom it has not seen.

        Where that would turn the order around, it is only shifted.
        """
        _check(leaves)
        scores = self.parts(values).sum(axis=1) + self.base

        def loss(slope_offset: Floats) -> float:
            odds = slope_offset[0] * scores + slope_offset[1]
            return float(np.mean(np.logaddexp(0, odds) - leaves * odds))

        slope, offset = minimize(loss, np.array([1.0, 0.0]), method="BFGS").x
        if slope <= 0:
            slope, offset = 1.0, float(logit(leaves.mean()) - np.mean(scores))
        weights = tuple(slope * each for each in self.weights)
        return replace(self, weights=weights, base=float(slope * self.base + offset))


def learned(values: Floats, leaves: Flags, columns: Sequence[int]) -> Model:
    """Learn a model.

    Parameters
    ----------
    values : array of float
        A row a subscriber, a column a feature; NaN is not known.
    leaves : array of bool
        Who left afterwards.
    columns : sequence of int
        Which features it may look at.

    Raises
    ------
    BadInput
        Fewer than ten left, or fewer than ten stayed.
    """
    _check(leaves)
    edges = tuple(_edges(values[:, column]) for column in columns)
    indicators, starts = _indicators(values, columns, edges)
    fit = LogisticRegression(C=_PENALTY, max_iter=500).fit(indicators, leaves)
    raw = [fit.coef_[0][begin:end] for begin, end in pairwise(starts)]
    usual = np.asarray(indicators.mean(axis=0)).ravel()
    means = [
        float(usual[begin:end] @ weights)
        for weights, begin, end in zip(raw, starts, starts[1:], strict=False)
    ]
    weights = tuple(each - mean for each, mean in zip(raw, means, strict=True))
    return Model(tuple(columns), edges, weights, float(fit.intercept_[0]) + sum(means))


def _check(leaves: Flags) -> None:
    if min(int(leaves.sum()), int((~leaves).sum())) < FEWEST:
        raise BadInput(
            f"of {len(leaves):,} subscribers {int(leaves.sum()):,} left: to learn from them, at "
            f"least {FEWEST} must have left and {FEWEST} stayed"
        )


def _edges(values: Floats) -> Floats:
    """Return where steps end: by quantiles, and by those of values that are not the commonest."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.empty(0)
    levels = np.arange(1, _STEPS) / _STEPS
    each, counts = np.unique(known, return_counts=True)
    rest = known[known != each[np.argmax(counts)]]
    cuts = [np.quantile(some, levels, method="higher") for some in (known, rest) if len(some)]
    edges = np.unique(np.concatenate(cuts))
    above: Floats = edges[edges > each[0]]
    return above


def _steps(values: Floats, edges: Floats) -> np.ndarray:
    """Return the step of each value; the last one for what is not known."""
    steps = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, steps)


def _indicators(
    values: Floats, columns: Sequence[int], edges: Sequence[Floats]
) -> tuple[Matrix, list[int]]:
    """Return a row each with a 1 for each feature's step, and where each feature's begin."""
    sizes = [len(each) + 2 for each in edges]
    starts = [0, *np.cumsum(sizes).tolist()]
    at = [
        start + _steps(values[:, column], each)
        for start, column, each in zip(starts, columns, edges, strict=False)
    ]
    people, count = len(values), len(columns)
    places = np.stack(at, axis=1).ravel()
    rows = np.arange(0, people * count + 1, count)
    shape = (people, starts[-1])
    return sparse.csr_array((np.ones(people * count), places, rows), shape=shape), starts
