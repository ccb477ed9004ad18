"""Whom to keep of an outlook, for what it costs to keep each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graph.errors import BadInput
from graph.influence.maximisation.cascade import Estimate
from graph.influence.maximisation.reverse import Flags
from graph.projection import Floats, Ints
from graph.retention.outlook import Outlook
from graph.retention.targets import Targets, retention_targets

_NOTHING = Estimate(0.0, 0.0)


@dataclass(frozen=True)
class Spending:
    """What may be spent, and on whom how much, in one unit.

    Attributes
    ----------
    budget : float
        What may be spent in all, at least 0.
    cost : float
        What keeping somebody costs, above 0.
    cost_of_value : float
        What it costs besides, as a part of what they are charged a month; at least 0.
    costs : Mapping
        Of subscribers who cost something else, their keys and that; above 0.
    """

    budget: float
    cost: float = 1.0
    cost_of_value: float = 0.0
    costs: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises
        ------
        BadInput
            A number is out of its range.
        """
        if not 0 <= self.budget < math.inf:
            raise BadInput("a budget is a number, 0 or more")
        if not all(0 < each < math.inf for each in (self.cost, *self.costs.values())):
            raise BadInput("a cost is a number above 0")
        if not 0 <= self.cost_of_value < math.inf:
            raise BadInput("a cost by value is a number, 0 or more")

    def of(self, outlook: Outlook) -> Floats:
        """Return what keeping each costs.

        Raises
        ------
        NotFound
            Somebody who costs something else is not in the graph.
        """
        each = self.cost + self.cost_of_value * outlook.people.value
        if self.costs:
            each[outlook.ties.positions(list(self.costs))] = list(self.costs.values())
        return each


@dataclass(frozen=True, eq=False)
class Choice:
    """Whom to keep.

    Attributes
    ----------
    eligible : int
        How many it was chosen among.
    cost : array
        What keeping each subscriber costs.
    """

    outlook: Outlook
    targets: Targets
    eligible: int
    cost: Floats

    @property
    def spent(self) -> float:
        """What keeping all of them costs."""
        return float(self.cost[self.targets.chosen].sum())


def choose(outlook: Outlook, spending: Spending, may: Flags) -> Choice:
    """Choose whom to keep among those who may be chosen and could leave.

    Raises
    ------
    NotFound
        Somebody who costs something else is not in the graph.
    """
    allowed, cost = may & outlook.people.may_leave, spending.of(outlook)
    if outlook.sample is None:
        nobody: Ints = np.empty(0, np.int64)
        found = Targets(nobody, np.empty(0), _NOTHING, _NOTHING, 0.0, 1.0)
    else:
        found = retention_targets(outlook.sample, outlook.reckoning, spending.budget, cost, allowed)
    return Choice(outlook, found, int(allowed.sum()), cost)
