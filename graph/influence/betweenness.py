"""Betweenness: on how many of the shortest ways between others somebody stands.

The share of the ordered pairs of others whose shortest ways lead over somebody, from 0 to 1; of
pairs with several shortest ways, the share of these. Counted from everybody, it is exact. On a
large network it is counted from a sample of sources: an unbiased estimate, in which, by Hoeffding's
inequality for the mean of as many values between 0 and 1, everybody's is wrong by no more than::

    error = n / (n - 1) * sqrt(ln(2 * n / chance) / (2 * sources))

at once, except with the given chance.

References
----------
Brandes: A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25, 2001.
Brandes, Pich: Centrality estimation in large networks. Int. J. Bifurcation and Chaos 17, 2007.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from graph.compiled import compiled
from graph.projection import Floats, Ints, Matrix, Positions

EXACT_PEOPLE = 2_000
_CHANCE = 0.05


@dataclass(frozen=True)
class Betweenness:
    """Everybody's share of shortest ways.

    Attributes
    ----------
    values : array of float
        From 0 to 1.
    sources : int
        How many it was counted from.
    error : float
        Except with a chance of 5 %, nobody's value is wrong by more; 0: it is exact.
    """

    values: Floats
    sources: int
    error: float


def betweenness(
    ties: Matrix, sources: int = 256, *, exact_people: int = EXACT_PEOPLE, seed: int = 1
) -> Betweenness:
    """Count on how many of the shortest ways between others everybody stands.

    Parameters
    ----------
    ties : csr_array
        Ways lead from rows to columns; symmetric where they lead both ways. Weights do not count.
    sources : int
        Size of the sample, at least 1.
    exact_people : int
        Networks up to so many people are counted exactly.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> betweenness(csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])).values.tolist()
    [0.0, 1.0, 0.0]
    """
    people = ties.shape[0]
    if people <= max(exact_people, sources):
        chosen = np.arange(people)
        error = 0.0
    else:
        chosen = np.random.default_rng(seed).choice(people, sources, replace=False)
        error = float(np.sqrt(np.log(2 * people / _CHANCE) / (2 * sources))) * people / (people - 1)
    sums = dependencies(ties, chosen)
    # A source is no stranger to its own ways, so of each there are n - 1 others with n - 2 pairs.
    pairs = max(1, len(chosen)) * max(1, people - 1) * max(1, people - 2) / max(1, people)
    return Betweenness(np.minimum(sums / pairs, 1.0), len(chosen), error)


def dependencies(ties: Matrix, sources: Ints) -> Floats:
    """Return for everybody the sum over all ends of the share of ways from the sources over them.

    From all sources, it is betweenness as Brandes defines it, for directed ties.
    """
    order = np.argsort(-np.diff(ties.indptr), kind="stable").astype(np.int32)
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    starts, ends = _renumbered(ties.indptr, ties.indices, order, place)
    sums = _counted(starts, ends, place[sources], max(1, numba.get_num_threads()))
    return np.asarray(sums[place], np.float64)


@compiled
def _renumbered(
    starts: Positions, ends: Positions, order: Positions, place: Positions
) -> tuple[Ints, Positions]:
    """Return ties of people numbered by contacts, the most first: who is met often lies close."""
    renumbered_starts = np.zeros(len(starts), np.int64)
    renumbered = np.empty(len(ends), np.int32)
    for index in range(len(order)):
        one = order[index]
        begin = renumbered_starts[index]
        number = starts[one + 1] - starts[one]
        for at in range(number):
            renumbered[begin + at] = place[ends[starts[one] + at]]
        renumbered_starts[index + 1] = begin + number
    return renumbered_starts, renumbered


@numba.njit(parallel=True, nogil=True, cache=True)
def _counted(starts: Ints, ends: Positions, sources: Positions, workers: int) -> Floats:
    people = len(starts) - 1
    sums = np.zeros((workers, people))
    for worker in numba.prange(workers):
        depth = np.full(people, -1, np.int32)
        ways, share = np.zeros(people), np.zeros(people)
        met = np.empty(people, np.int32)
        for turn in range(worker, len(sources), workers):
            _from_source(starts, ends, sources[turn], depth, ways, share, met, sums[worker])
    total: Floats = sums.sum(axis=0)
    return total


@compiled
def _from_source(
    starts: Ints,
    ends: Positions,
    source: int,
    depth: Positions,
    ways: Floats,
    share: Floats,
    met: Positions,
    sums: npt.NDArray[np.float64],
) -> None:
    """Add what the ways from one source say; leave the working arrays as they were."""
    depth[source], ways[source], met[0], number, index = 0, 1.0, source, 1, 0
    while index < number:
        one = met[index]
        beyond, so_many = depth[one] + 1, ways[one]
        for at in range(starts[one], starts[one + 1]):
            other = ends[at]
            if depth[other] < 0:
                depth[other] = beyond
                met[number] = other
                number += 1
            if depth[other] == beyond:
                ways[other] += so_many
        index += 1
    # From the farthest back: each knows then what lies behind it, per way to it.
    for index in range(number - 1, 0, -1):
        one = met[index]
        beyond, total = depth[one] + 1, 0.0
        for at in range(starts[one], starts[one + 1]):
            other = ends[at]
            if depth[other] == beyond:
                total += share[other]
        sums[one] += total * ways[one]
        share[one] = total + 1.0 / ways[one]
    for index in range(number):
        one = met[index]
        depth[one], ways[one], share[one] = -1, 0.0, 0.0
