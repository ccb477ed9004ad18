"""How leaving spreads along ties: spreading activation, step by step.

Those who left hold energy. In each step whoever holds some passes a share of it on to contacts and
keeps the rest; after all steps, energy says how much of the leaving has arrived [1]_.

With the first of the transfer functions below, and no decay, the result is a random walk with
restart: ``E = (1 - d) sum_i (d P')^i E_0``, d being the spreading factor and P the ties by their
givers' shares.

References
----------
.. [1] K. Dasgupta et al., "Social ties and their relevance to churn in mobile telecom networks",
   EDBT 2008, pp. 668-677.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.errors import BadInput

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Matrix = Any  # scipy.sparse.csr_array, which has no types

Transfer = Literal["proportional", "even", "receiver"]
MOST_HOPS = 1_000
_FEW = 16  # steps; in later ones, less comes to anybody than came before


@dataclass(frozen=True)
class Spreading:
    """How energy spreads.

    Attributes
    ----------
    factor : float
        Share of one's energy that one passes on in a step, in [0, 1].
    transfer : {"proportional", "even", "receiver"}
        To whom: to each contact by the share of the tie in all of the giver's; to all contacts
        alike; or to each by the share of the tie in all of the receiver's, so that it counts who
        matters to whom it reaches, and energy may grow or shrink.
    decay : float
        Share of what is passed on that arrives, in (0, 1]; 1: nothing is lost on the way.
    hops : int, optional
        After how many steps it ends; None: when nothing worth telling is passed on any more.
    accuracy : float
        How much energy may still be under way at the end, as a share of what there was at first.

    Raises
    ------
    BadInput
        Something is out of its range, or spreading would never end.
    """

    factor: float = 0.5
    transfer: Transfer = "proportional"
    decay: float = 1.0
    hops: int | None = None
    accuracy: float = 1e-6

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0 <= self.factor <= 1:
            raise BadInput("the spreading factor is not between 0 and 1")
        if not 0 < self.decay <= 1:
            raise BadInput("the decay is not above 0 and at most 1")
        if self.hops is not None and not 0 <= self.hops <= MOST_HOPS:
            raise BadInput(f"hops are not between 0 and {MOST_HOPS:,}")
        if self.hops is None and self.factor * self.decay > 0.99:
            raise BadInput("so large a spreading factor needs a number of hops to end after")

    @property
    def steps(self) -> int:
        """After how many steps so little is under way that it ends."""
        passed = self.factor * self.decay
        if passed == 0:
            return 0
        if self.hops is not None:
            return self.hops
        return math.ceil(math.log(self.accuracy) / math.log(passed))


@dataclass(frozen=True)
class Reach:
    """That energy reached somebody in a step, and the most of it from whom.

    Attributes
    ----------
    energy : float
        What arrived in this step, above 0.
    givers : tuple of (int, float)
        From whom, and how much from each, the most first; up to as many as were asked for.
    """

    position: int
    energy: float
    givers: tuple[tuple[int, float], ...]


class Propagation:
    """What became of the energy of some seeds.

    Parameters
    ----------
    ties : csr_array
        Symmetric weights of the ties, at least 0; a tie to oneself is none.
    seeds : array of float
        Energy of each subscriber at first, at least 0.

    Examples
    --------
    Ann, who left, has three calls with Bob, Bob one with Cai, Cai two with Dee:

    >>> ends = ([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> ties = sparse.csr_array(([3.0, 3, 1, 1, 2, 2], ends))
    >>> spread = propagate(ties, np.array([1.0, 0, 0, 0]), Spreading(0.5, accuracy=1e-12))
    >>> (spread.energy * 63).round(6).tolist()
    [39.0, 20.0, 3.0, 1.0]
    """

    def __init__(self, ties: Matrix, seeds: Floats, how: Spreading) -> None:
        self._ties = ties
        self._seeds = seeds
        self._how = how
        self._give, self._take = _factors(ties, how)
        self._arrivals = [seeds]

    @cached_property
    def energy(self) -> Floats:
        """What each holds in the end; whoever has no tie keeps what they had."""
        how, passing = self._how, self._seeds
        energy = np.zeros(len(passing))
        for step in range(1, how.steps + 1):
            energy += passing
            # The first ones are kept, as whoever asks for ways asks for these too.
            passing = self.arrivals(step) if step <= _FEW else self._passed(passing)
        # Of what arrived in every step but the last, the share that was passed on is gone.
        kept = np.where(self._is_tied, 1 - how.factor, 1.0)
        return kept * energy + passing

    def arrivals(self, step: int) -> Floats:
        """Return what arrives at each in a step; in step 0, what the seeds have at first."""
        while len(self._arrivals) <= step:
            self._arrivals.append(self._passed(self._arrivals[-1]))
        return self._arrivals[step]

    def reached(self, step: int, most: int, givers: int = 3) -> list[Reach]:
        """Return whom the most energy reaches in a step, and from whom it comes.

        Parameters
        ----------
        most : int
            Of how many subscribers, the most energy first, equals by position.
        givers : int
            Of how many givers each.
        """
        arrived = self.arrivals(step)
        return [
            Reach(at, float(arrived[at]), tuple(self._givers(at, step)[:givers]))
            for at in largest(arrived, most).tolist()
        ]

    def path(self, position: int) -> list[tuple[int, float]]:
        """Return the way on which the most energy came to somebody, from a seed on.

        That is, in the step in which the most arrived there, from the greatest giver; what that
        one had in the step before, likewise; and so on. Each comes with what arrived. A seed's way
        is the seed alone; where nothing arrived, there is none.
        """
        if self._seeds[position]:
            return [(position, float(self._seeds[position]))]
        if not self.energy[position]:
            return []
        step = self._step_of_most(position)
        way = [(position, float(self.arrivals(step)[position]))]
        while step:
            position, _ = self._givers(position, step)[0]
            step -= 1
            way.append((position, float(self.arrivals(step)[position])))
        return way[::-1]

    @property
    def steps(self) -> int:
        """How many steps there are; in the last one, the energy under way comes to rest."""
        return self._how.steps

    def _step_of_most(self, position: int) -> int:
        """Return the step in which the most arrived at one, of the first few or the first of all.

        Later ones are not looked for, as each takes an array of all subscribers.
        """
        few = [self.arrivals(step)[position] for step in range(min(_FEW, self.steps) + 1)]
        step = int(np.argmax(few))
        while not self.arrivals(step)[position]:
            step += 1
        return step

    @cached_property
    def _is_tied(self) -> npt.NDArray[np.bool_]:
        tied: npt.NDArray[np.bool_] = np.diff(self._ties.indptr) > 0
        return tied

    def _passed(self, holding: Floats) -> Floats:
        # The ties are symmetric, so their rows are their columns: no transposed copy is made.
        arrived: Floats = self._take * (self._ties @ (self._give * holding))
        return arrived

    def _givers(self, position: int, step: int) -> list[tuple[int, float]]:
        """Return who gave something to one in a step, and how much, the most first."""
        if step == 0:
            return []
        row = slice(*self._ties.indptr[position : position + 2])
        contacts = self._ties.indices[row]
        had = self._give[contacts] * self.arrivals(step - 1)[contacts]
        gave = self._ties.data[row] * had * self._take[position]
        order = np.lexsort((contacts, -gave))
        return [(int(contacts[at]), float(gave[at])) for at in order if gave[at] > 0]


def propagate(ties: Matrix, seeds: Floats, how: Spreading | None = None) -> Propagation:
    """Spread the energy of seeds along ties.

    Costs a product of the matrix and a vector a step, some twenty with the factor 0.5.

    Raises
    ------
    BadInput
        The seeds are not as many as there are subscribers, there are none, or one is negative.
    """
    how = how or Spreading()
    if len(seeds) != ties.shape[0]:
        raise BadInput("there must be an energy for each subscriber")
    if not (seeds >= 0).all() or not (seeds > 0).any():
        raise BadInput("no seed has any energy")
    prepared = _ones(ties) if how.transfer == "even" else ties
    return Propagation(prepared, seeds.astype(np.float64), how)


def largest(values: Floats, most: int) -> Positions:
    """Return the positions of the largest values above 0, the largest first, equals by position.

    Examples
    --------
    >>> largest(np.array([0.0, 2.0, 3.0, 2.0]), 2).tolist()
    [2, 1]
    """
    if most <= 0:
        return np.empty(0, np.int64)
    least = np.partition(values, -most)[-most] if most < len(values) else 0.0
    found = np.flatnonzero((values >= least) & (values > 0))
    order = np.lexsort((found, -values[found]))
    return found[order][:most].astype(np.int64)


def _ones(ties: Matrix) -> Matrix:
    return sparse.csr_array((np.ones(ties.nnz), ties.indices, ties.indptr), shape=ties.shape)


def _factors(ties: Matrix, how: Spreading) -> tuple[Floats, Floats]:
    """Return what givers' and receivers' energy is multiplied by, beside the tie's weight."""
    strength = np.asarray(ties.sum(axis=1), dtype=np.float64)
    by_strength = np.divide(1.0, strength, out=np.zeros(len(strength)), where=strength > 0)
    passed, ones = np.full(len(strength), how.factor * how.decay), np.ones(len(strength))
    if how.transfer == "receiver":
        return passed, by_strength
    return passed * by_strength, ones
