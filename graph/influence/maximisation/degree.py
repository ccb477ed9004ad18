"""Simple rules for choosing seeds, to compare with: degree and degree discount."""

import numpy as np

from graph.compiled import compiled
from graph.influence.maximisation.diffusion import Diffusion
from graph.projection import Ints, Positions


def by_degree(diffusion: Diffusion, count: int) -> Ints:
    """Return the nodes with the most outgoing ties; of equals, those that come first."""
    degree = np.diff(diffusion.outgoing.starts)
    return np.argsort(-degree, kind="stable")[:count].astype(np.int64)


def by_discount(diffusion: Diffusion, count: int, probability: float) -> Ints:
    """Return nodes with many ties, of which those to chosen ones count less.

    Degree discount of Chen, Wang and Yang (KDD 2009), for cascades along ties of one probability.
    """
    ties = diffusion.outgoing
    return _discounted(ties.starts, ties.other, min(count, len(diffusion)), probability)


@compiled
def _discounted(starts: Ints, other: Positions, count: int, probability: float) -> Ints:
    degree = np.diff(starts).astype(np.float64)
    near, score = np.zeros(len(degree)), np.diff(starts).astype(np.float64)
    chosen = np.empty(count, np.int64)
    for place in range(count):
        node = np.argmax(score)
        chosen[place] = node
        score[node] = -np.inf
        for to in other[starts[node] : starts[node + 1]]:
            if score[to] > -np.inf:
                near[to] += 1
                left = degree[to] - near[to]
                score[to] = degree[to] - 2 * near[to] - left * near[to] * probability
    return chosen
