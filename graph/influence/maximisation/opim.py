"""OPIM-C: seeds whose guarantee is counted, not assumed, so that it stops as soon as it holds.

Tang, Tang, Xiao and Yuan (SIGMOD 2018): seeds are chosen among one sample of reverse reachable
sets and judged by another of the same size; both double until the judged spread is certain to be
within 1 - 1/e - epsilon of the most that can be reached. Faster than IMM, with a spread that is a
few percent lower, as it stops earlier.
"""

from math import ceil, log, log2, sqrt

from graph.influence.maximisation.bounds import SURE, at_least, at_most, log_choices
from graph.influence.maximisation.diffusion import Diffusion
from graph.influence.maximisation.greedy import cover
from graph.influence.maximisation.imm import Seeds, checked, estimate
from graph.influence.maximisation.reverse import Sets, cumulated, draw_sets, joined
from graph.projection import Floats


def opim(
    diffusion: Diffusion,
    count: int,
    epsilon: float = 0.1,
    *,
    failure: float | None = None,
    seed: int = 0,
    weights: Floats | None = None,
) -> Seeds:
    """Choose seeds by OPIM-C; ``ratio`` is what is certified, at least 1 - 1/e - epsilon.

    Parameters are those of ``imm``.

    Raises
    ------
    BadInput
        There is nobody in the graph, or a number is out of its range.
    """
    nodes = len(diffusion)
    count, failure = checked(nodes, count, epsilon, failure)
    total = float(cumulated(weights)[-1]) if weights is not None else float(nodes)
    doubt = log(6 / failure)
    alpha, beta = sqrt(doubt), sqrt(SURE * (log_choices(nodes, count) + doubt))
    size = ceil(2 * (SURE * alpha + beta) ** 2)
    largest = size * nodes / max(count, 1) / epsilon**2
    each = log(3 * (max(ceil(log2(largest / size)), 0) + 1) / failure)
    choosing = draw_sets(diffusion, size, 2 * seed, 0, weights)
    judging = draw_sets(diffusion, size, 2 * seed + 1, 0, weights)
    while True:
        chosen = cover(choosing, None, count)
        covered = judging.covered(chosen.chosen)
        ratio = at_least(covered, each) / at_most(chosen.most, each) if count else 1.0
        if ratio >= SURE - epsilon or size >= largest:
            break
        size *= 2
        choosing = _grown(diffusion, choosing, size, 2 * seed, weights)
        judging = _grown(diffusion, judging, size, 2 * seed + 1, weights)
    # A sample of the largest size is a guarantee by itself: theorem 4.1 there.
    guaranteed = max(ratio, SURE - epsilon)
    return Seeds(chosen.chosen, estimate(covered, size, total), guaranteed, size)


def _grown(diffusion: Diffusion, sets: Sets, size: int, seed: int, weights: Floats | None) -> Sets:
    return joined(sets, draw_sets(diffusion, size - len(sets), seed, len(sets), weights))
