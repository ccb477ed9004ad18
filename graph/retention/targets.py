"""Retention targets: whom to keep within a budget, so that the least is lost in the mean."""

from dataclasses import dataclass
from math import log

import numpy as np

from graph.errors import BadInput
from graph.influence.maximisation.bounds import at_least, at_most
from graph.influence.maximisation.cascade import Estimate
from graph.influence.maximisation.greedy import cover
from graph.influence.maximisation.imm import estimate
from graph.influence.maximisation.reverse import Flags, Sets
from graph.projection import Floats, Ints
from graph.retention.cut import involved, kept_roots, sufficient
from graph.retention.reckoning import Reckoning
from graph.retention.world import Worlds

FAILURE = 0.01  # probability that a certificate says too much


@dataclass(frozen=True, eq=False)
class Sample:
    """Worlds to choose among and worlds to judge by, which had no part in the choice."""

    choosing: Worlds
    sufficient: Sets
    involved: Sets
    judging: Worlds
    judging_sufficient: Sets

    @classmethod
    def of(cls, choosing: Worlds, judging: Worlds) -> "Sample":
        """Return a sample that can be asked about any budget.

        Raises
        ------
        BadInput
            The two are not of the same size.
        """
        if choosing.drawn != judging.drawn:
            raise BadInput("there are not as many worlds to judge by as to choose among")
        return cls(choosing, sufficient(choosing), involved(choosing), judging, sufficient(judging))


@dataclass(frozen=True, eq=False)
class Targets:
    """Whom to keep, and what that is worth, in the unit of the values.

    Attributes
    ----------
    chosen : array of int64
        Subscribers, the most rewarding for their cost first.
    gains : array
        What each averts beyond those before, where keeping one suffices.
    averted : Estimate
        What all avert together.
    at_stake : Estimate
        What is lost where nobody is kept.
    most : float
        More than any choice within the budget averts, with probability 0.99.
    ratio : float
        What part of the most that can be averted these avert at least, with probability 0.99.
    """

    chosen: Ints
    gains: Floats
    averted: Estimate
    at_stake: Estimate
    most: float
    ratio: float


def retention_targets(
    sample: Sample,
    reckoning: Reckoning,
    budget: float,
    costs: Floats | None = None,
    may: Flags | None = None,
) -> Targets:
    """Choose whom to keep within a budget.

    Three choices are judged, and the best is returned: what is reckoned, and the best covers by
    those who suffice alone and by those who are involved at all. The last bounds what can be
    averted: the sandwich of Lu, Chen and Lakshmanan (PVLDB 9(2), 2015).

    Parameters
    ----------
    budget : float
        What may be spent in all, at least 0, in the unit of the costs.
    costs : array, optional
        What each one's keeping costs, above 0; 1 where absent, so that the budget is their number.
    may : array, optional
        Who may be chosen; all where absent.

    Raises
    ------
    BadInput
        The budget is below 0, a cost is not above 0, or there is not one for each subscriber.
    """
    judging, everyone = sample.judging, sample.judging.subscribers
    cost = np.ones(everyone) if costs is None else np.asarray(costs, np.float64)
    allowed = np.ones(everyone, np.bool_) if may is None else may
    if not len(cost) == len(allowed) == everyone:
        raise BadInput("there is not one cost and one permission for each subscriber")
    upper = cover(sample.involved, cost, budget, allowed)
    lower = cover(sample.sufficient, cost, budget, allowed)
    choices = [reckoning.choose(cost, budget, allowed), lower.chosen, upper.chosen]
    saved = [int(kept_roots(judging, each).sum()) for each in choices]
    best = int(np.argmax(saved))
    return _told(sample, choices[best], saved[best], upper.most, len(choices))


def _told(sample: Sample, chosen: Ints, saved: int, most: float, choices: int) -> Targets:
    judging = sample.judging
    each = judging.total / judging.drawn
    doubt = log((choices + 1) / FAILURE)  # each of the choices' bounds may fail, and that of all
    surely = at_most(most, doubt)
    return Targets(
        chosen,
        _gains(sample.judging_sufficient, chosen) * each,
        estimate(saved, judging.drawn, judging.total),
        estimate(len(judging), judging.drawn, judging.total),
        surely * each if most else 0.0,
        at_least(saved, doubt) / surely if most else 1.0,
    )


def _gains(sets: Sets, chosen: Ints) -> Floats:
    """Return how many sets each of the chosen is the first in."""
    turn = np.full(sets.nodes, len(chosen))
    turn[chosen] = np.arange(len(chosen))
    has_any = np.flatnonzero(np.diff(sets.starts))
    if not len(has_any):
        return np.zeros(len(chosen))
    first = np.minimum.reduceat(turn[sets.members], sets.starts[has_any])
    gains: Floats = np.bincount(first, minlength=len(chosen) + 1)[:-1].astype(np.float64)
    return gains
