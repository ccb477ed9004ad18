"""What is at stake: who may leave, what that would cost, and whom they would take along."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from graph.errors import BadInput
from graph.influence.maximisation.diffusion import Diffusion, by_share, diffusion
from graph.projection import Floats, Matrix

# What the generator of test data uses by default, and of the order of what is published.
DEFAULT_CONTAGION = 0.5
_MOST_CONTAGION = 10.0


@dataclass(frozen=True, eq=False)
class Stakes:
    """Arrays with an entry a subscriber, and the ties between them.

    Attributes
    ----------
    risk : array
        Probability of leaving of one's own accord within the time that is looked at, in [0, 1].
    value : array
        What is lost with a subscriber who leaves, at least 0, in minor units of one currency.
    along : Diffusion
        The cascade in which whoever leaves takes contacts along, each with the tie's probability.
    """

    risk: Floats
    value: Floats
    along: Diffusion

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises
        ------
        BadInput
            A risk is not in [0, 1], a value is below 0, or there is not one for each subscriber.
        """
        if not len(self.risk) == len(self.value) == len(self.along):
            raise BadInput("there is not one risk and one value for each subscriber")
        if not np.all((self.risk >= 0) & (self.risk <= 1)):
            raise BadInput("a risk is not between 0 and 1")
        if not np.all((self.value >= 0) & np.isfinite(self.value)):
            raise BadInput("a value is below 0, or no number")

    @property
    def total(self) -> float:
        """What would be lost if everybody left."""
        return float(self.value.sum())


def along(ties: Matrix, contagion: float = DEFAULT_CONTAGION) -> Diffusion:
    """Return with which probability each takes each along: 1 - exp(-contagion s).

    Parameters
    ----------
    ties : csr_array
        Strengths of ties, both ways, as ``Projection.undirected`` gives them. s is the share of
        whoever leaves in the strength of all ties of whoever may follow.
    contagion : float
        Cumulative hazard of leaving, in [0, 10], that one bears when all of one's contacts left.

    Raises
    ------
    BadInput
        Contagion is out of its range.

    Examples
    --------
    >>> ties = along(sparse.csr_array([[0, 3], [3, 0]]), 0.5).outgoing
    >>> ties.passing.round(4).tolist()
    [0.3935, 0.3935]
    """
    if not 0 <= contagion <= _MOST_CONTAGION:
        raise BadInput(f"contagion is not between 0 and {_MOST_CONTAGION:g}")
    shares = by_share(sparse.csr_array(ties, dtype=np.float64))
    shares.data = -np.expm1(-contagion * shares.data)
    return diffusion(shares)
