"""Churn's propagation against a bare power iteration of scipy, on the same ties.

The peer does what anybody would: it divides the rows by their sums once, transposes them, and
multiplies until as little is under way as with ours. Both begin with the symmetric weights.
"""

import numpy as np
from scipy import sparse

from graph.churn.propagation import Spreading, propagate
from graph.projection import Floats, Matrix, Projection
from tests.benchmarks.contest import Contest

_SEEDS, _SEED = 50, 7  # a seed among so many subscribers
_HOW = Spreading(0.5)


def compare(ties: Projection, rounds: int) -> Contest[Floats]:
    """Time both, and see that they say the same."""
    weights, people = ties.undirected(), len(ties)
    seeds = np.zeros(people)
    seeds[np.random.default_rng(_SEED).choice(people, people // _SEEDS, replace=False)] = 1
    exact = _power(weights, seeds)
    contest = Contest[Floats](
        f"Spreading churn over {len(ties.caller):,} ties of {people:,}, {_HOW.steps} steps",
        lambda found: f"differs by {np.abs(found - exact).max():.0e} at most",
    )
    peers = {"scipy, a bare power iteration": lambda: _power(weights, seeds)}
    return contest.run(lambda: propagate(weights, seeds, _HOW).energy, peers, rounds)


def _power(weights: Matrix, seeds: Floats) -> Floats:
    strength = weights.sum(axis=1)
    shares = sparse.diags_array(1 / np.maximum(strength, 1e-300)) @ weights
    passed = sparse.csr_array(shares.T) * _HOW.factor
    restart = (1 - _HOW.factor) * seeds
    energy = seeds
    for _ in range(_HOW.steps):
        energy = restart + passed @ energy
    kept: Floats = np.where(strength > 0, energy, seeds)
    return kept
