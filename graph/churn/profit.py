"""What a retention campaign earns that follows a score: maximum profit, and its expectation.

Whoever has a score from a threshold on is called. A call costs ``f``; an offer costs ``d`` and is
taken by everybody who would have stayed anyway and by a share ``g`` of those who would have left,
whose value ``CLV`` is then kept. The share is uncertain: Beta distributed in the expectation [1]_.

References
----------
.. [1] T. Verbraken, W. Verbeke, B. Baesens, "A novel profit maximizing metric for measuring
   classification performance of customer churn prediction models", IEEE TKDE 25(5), 2013,
   pp. 961-973, doi:10.1109/TKDE.2012.50. Its formulas were read in packages that carry them out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln

from graph.errors import BadInput

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]  # of bool, or of 0 and 1


@dataclass(frozen=True)
class Campaign:
    """What a campaign costs and how it is received.

    Attributes
    ----------
    value : float
        What a subscriber who is kept is worth, above 0, in any currency.
    offer, contact : float
        Costs of an offer that is taken, and of each call, in the same currency; at least 0.
    alpha, beta : float
        Of the Beta distribution of the share that accepts, above 0; its mean is
        ``alpha / (alpha + beta)``, 0.3 with the values of the literature.
    """

    value: float = 200.0
    offer: float = 10.0
    contact: float = 1.0
    alpha: float = 6.0
    beta: float = 14.0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises
        ------
        BadInput
            Something is out of its range.
        """
        if min(self.value, self.alpha, self.beta) <= 0 or min(self.offer, self.contact) < 0:
            raise BadInput("a campaign's value, alpha and beta are above 0, its costs at least 0")

    @property
    def accepted(self) -> float:
        """Mean share of leavers who accept."""
        return self.alpha / (self.alpha + self.beta)


@dataclass(frozen=True)
class Profit:
    """What a campaign earns a subscriber of the whole base, and whom it calls.

    Attributes
    ----------
    amount : float
        In the campaign's currency, a subscriber.
    share : float
        Of the base that is called, in [0, 1]: those of the highest scores.
    """

    amount: float
    share: float


def maximum_profit(labels: Labels, scores: Floats, campaign: Campaign | None = None) -> Profit:
    """Return the profit of the best threshold, where the mean share accepts (MPC).

    Examples
    --------
    >>> scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    >>> maximum_profit(np.array([0, 1, 0, 1, 0, 1, 0, 1]), scores)
    Profit(amount=23.875, share=0.875)
    """
    plan = campaign or Campaign()
    leaving, caught, spoilt = _hull(labels, scores)
    kept = (plan.accepted * (plan.value - plan.offer) - plan.contact) * leaving * caught
    profits = kept - (plan.offer + plan.contact) * (1 - leaving) * spoilt
    best = int(np.argmax(profits))
    called = leaving * caught + (1 - leaving) * spoilt
    return Profit(float(profits[best]), float(called[best]))


def expected_profit(labels: Labels, scores: Floats, campaign: Campaign | None = None) -> Profit:
    """Return the expected profit of the best threshold for each share that may accept (EMPC).

    Raises
    ------
    BadInput
        Nobody leaves, or everybody does.

    Examples
    --------
    >>> scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    >>> round(expected_profit(np.array([0, 1, 0, 1, 0, 1, 0, 1]), scores).amount, 9)
    23.875593418
    """
    return profit_of(*_hull(labels, scores), campaign or Campaign())


def profit_of(leaving: float, caught: Floats, spoilt: Floats, plan: Campaign) -> Profit:
    """Return the expected profit of a convex ROC curve.

    Parameters
    ----------
    leaving : float
        Share of leavers, between 0 and 1.
    caught, spoilt : array of float
        Shares of leavers and of the others who are called at each threshold, rising, from 0 to 1.
    """
    delta, phi, staying = plan.offer / plan.value, plan.contact / plan.value, 1 - leaving
    more, worse = np.diff(caught), np.diff(spoilt)
    # From this share of acceptance on, the next threshold earns more than the one before.
    costs = staying * (delta + phi) * worse + leaving * phi * more
    limits = np.full(len(more), np.inf)  # never, where it catches nobody more
    np.divide(costs, leaving * (1 - delta) * more, out=limits, where=more > 0)
    limits = limits[limits < 1]
    edges = np.concatenate([[0.0], np.maximum.accumulate(limits), [1.0]])
    used = slice(0, len(edges) - 1)
    a, b = plan.alpha, plan.beta
    chance = np.diff(betainc(a, b, edges))
    # The mean of the share over each interval, by its density.
    moment = np.diff(betainc(a + 1, b, edges)) * np.exp(betaln(a + 1, b) - betaln(a, b))
    gain = (1 - delta) * leaving * caught[used] * moment
    loss = (phi * leaving * caught[used] + (delta + phi) * staying * spoilt[used]) * chance
    called = (leaving * caught[used] + staying * spoilt[used]) * chance
    return Profit(float(plan.value * (gain - loss).sum()), float(called.sum()))


def _hull(labels: Labels, scores: Floats) -> tuple[float, Floats, Floats]:
    """Return the share of leavers and the convex hull of the ROC curve."""
    leaves = np.asarray(labels, dtype=bool)
    leaving = float(leaves.mean()) if len(leaves) else 0.0
    if leaving in (0.0, 1.0):
        raise BadInput("profit needs some who leave and some who stay")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    caught, spoilt = np.cumsum(leaves[order])[ends], np.cumsum(~leaves[order])[ends]
    return leaving, *convex(caught / leaves.sum(), spoilt / (~leaves).sum())


def convex(caught: Floats, spoilt: Floats) -> tuple[Floats, Floats]:
    """Return the corners of the upper convex hull of a ROC curve, from (0, 0) to (1, 1)."""
    corners: list[tuple[float, float]] = [(0.0, 0.0)]
    for point in zip(spoilt.tolist(), caught.tolist(), strict=True):
        while len(corners) > 1 and _turns_up(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    hull = np.array(corners)
    return hull[:, 1], hull[:, 0]


def _turns_up(
    first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]
) -> bool:
    """Tell whether the middle one is not above the line between the others."""
    rise = (middle[1] - first[1]) * (last[0] - first[0])
    return rise <= (last[1] - first[1]) * (middle[0] - first[0])
