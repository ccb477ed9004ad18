"""IMM: seeds that reach at least 1 - 1/e - epsilon of the most that can be reached.

Tang, Shi and Xiao (SIGMOD 2015), in the form of Chen (2018, arXiv:1808.09363): the sets among which
the seeds are chosen are drawn anew, as those that told how many are needed are not independent of
their number. A third sample tells the spread, as the one that seeds are chosen by flatters them.
"""

from dataclasses import dataclass
from math import ceil, log, log2, sqrt

from graph.errors import BadInput
from graph.influence.maximisation.bounds import SURE, log_choices
from graph.influence.maximisation.cascade import Estimate
from graph.influence.maximisation.diffusion import Diffusion
from graph.influence.maximisation.greedy import cover
from graph.influence.maximisation.reverse import Sets, cumulated, draw_sets, joined
from graph.projection import Floats, Ints

_SEARCH, _CHOICE, _REPORT = 0, 1, 2  # samples: each has a seed of its own
_NORMAL_95 = 1.959964


@dataclass(frozen=True, eq=False)
class Seeds:
    """Whom to begin with, and what is known about it.

    Attributes
    ----------
    chosen : array of int64
        Nodes, the most rewarding first.
    spread : Estimate
        What they reach, themselves included, by a sample that had no part in the choice.
    ratio : float
        What part of the most that can be reached they reach at least, with the probability that
        was asked for.
    sets : int
        Reverse reachable sets that the choice was made among.
    """

    chosen: Ints
    spread: Estimate
    ratio: float
    sets: int


def imm(
    diffusion: Diffusion,
    count: int,
    epsilon: float = 0.1,
    *,
    failure: float | None = None,
    seed: int = 0,
    weights: Floats | None = None,
) -> Seeds:
    """Choose seeds by IMM.

    Parameters
    ----------
    count : int
        How many seeds, at least 0; all nodes where there are fewer.
    epsilon : float
        In (0, 1 - 1/e): how far from 1 - 1/e the guarantee may be.
    failure : float, optional
        Probability in (0, 1) that the guarantee fails; 1 by the number of nodes where absent.
    weights : array, optional
        What each node counts for; 1 where absent.

    Raises
    ------
    BadInput
        There is nobody in the graph, or a number is out of its range.
    """
    nodes = len(diffusion)
    count, failure = checked(nodes, count, epsilon, failure)
    total = float(cumulated(weights)[-1]) if weights is not None else float(nodes)
    doubt = log(2 / failure)  # half of what may fail is the search's, half the choice's
    choices = log_choices(nodes, count)
    share = _search(diffusion, count, epsilon, doubt, choices, seed, weights) if count else 1.0
    alpha, beta = sqrt(doubt + log(2)), sqrt(SURE * (choices + doubt + log(2)))
    needed = ceil(2 * (SURE * alpha + beta) ** 2 / epsilon**2 / share)
    chosen = cover(draw_sets(diffusion, needed, _seed(seed, _CHOICE), 0, weights), None, count)
    spread = _told(diffusion, chosen.chosen, max(needed // 4, 1), total, seed, weights)
    return Seeds(chosen.chosen, spread, SURE - epsilon, needed)


def checked(nodes: int, count: int, epsilon: float, failure: float | None) -> tuple[int, float]:
    """Return the number of seeds there can be, and the probability that a guarantee fails."""
    if not nodes:
        raise BadInput("there is nobody in the graph")
    if count < 0:
        raise BadInput("the number of seeds is below 0")
    if not 0 < epsilon < SURE:
        raise BadInput("epsilon is not between 0 and 1 - 1/e")
    if failure is not None and not 0 < failure < 1:
        raise BadInput("the probability of failure is not between 0 and 1")
    return min(count, nodes), failure or 1 / max(nodes, 2)


def _search(
    diffusion: Diffusion,
    count: int,
    epsilon: float,
    doubt: float,
    choices: float,
    seed: int,
    weights: Floats | None,
) -> float:
    """Return a share of all that the best seeds reach at least."""
    nodes = len(diffusion)
    wide = sqrt(2) * epsilon
    rounds = max(ceil(log2(nodes)) - 1, 1)
    factor = (2 + 2 / 3 * wide) * (choices + doubt + log(rounds)) / wide**2
    sets: Sets | None = None
    for number in range(1, rounds + 1):
        needed = ceil(factor * 2**number)
        had = len(sets) if sets else 0
        more = draw_sets(diffusion, needed - had, _seed(seed, _SEARCH), had, weights)
        sets = joined(sets, more) if sets else more
        found = cover(sets, None, count).covered / len(sets)
        if found >= (1 + wide) / 2**number:
            return found / (1 + wide)
    return count / nodes  # the seeds themselves, the most worth among them


def _told(
    diffusion: Diffusion, chosen: Ints, sets: int, total: float, seed: int, weights: Floats | None
) -> Estimate:
    fresh = draw_sets(diffusion, sets, _seed(seed, _REPORT), 0, weights)
    return estimate(fresh.covered(chosen), sets, total)


def estimate(covered: int, sets: int, total: float) -> Estimate:
    """Return the spread of seeds that cover some of the sets, of ``total`` in all."""
    share = covered / sets
    return Estimate(share * total, _NORMAL_95 * total * sqrt(share * (1 - share) / sets))


def _seed(seed: int, sample: int) -> int:
    return 3 * seed + sample
