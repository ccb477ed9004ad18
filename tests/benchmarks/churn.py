"""Churn's propagation against a bare power iteration of scipy, on the same ties.

The peer does what anybody would: it divides the rows by their sums once, transposes them, and
multiplies until as little is under way as with ours. Both begin with the symmetric weights.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.churn.propagation import Matrix, Spreading, propagate
from tests.benchmarks.timing import Comparison

PEOPLE, TIES, ROUNDS = 200_000, 2_000_000, 3
_SEEDS, _SEED = 4_000, 7
_HOW = Spreading(0.5)


def compare(people: int = PEOPLE, ties: int = TIES) -> Comparison:
    """Time both, and see that they say the same."""
    weights = _ties(people, ties)
    seeds = np.zeros(people)
    seeds[np.random.default_rng(_SEED).choice(people, _SEEDS, replace=False)] = 1
    difference = np.abs(_ours(weights, seeds) - _power(weights, seeds)).max()
    comparison = Comparison(
        f"spreading churn over {ties:,} ties of {people:,} subscribers, {_HOW.steps} steps "
        f"(greatest difference {difference:.0e})",
        "Tiegraph",
        "scipy, a bare power iteration",
    )
    for _ in range(ROUNDS):
        comparison.ours(_ours, weights, seeds)
        comparison.peer(_power, weights, seeds)
    return comparison


def _ours(weights: Matrix, seeds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return propagate(weights, seeds, _HOW).energy


def _power(weights: Matrix, seeds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    strength = weights.sum(axis=1)
    shares = sparse.diags_array(1 / np.maximum(strength, 1e-300)) @ weights
    passed = sparse.csr_array(shares.T) * _HOW.factor
    restart = (1 - _HOW.factor) * seeds
    energy = seeds
    for _ in range(_HOW.steps):
        energy = restart + passed @ energy
    kept: npt.NDArray[np.float64] = np.where(strength > 0, energy, seeds)
    return kept


def _ties(people: int, ties: int) -> Matrix:
    """Return symmetric weights of directed ties at random, with a heavy tail of popularity."""
    rng = np.random.default_rng(_SEED)
    popular = rng.pareto(2.5, people) + 1
    upto = np.cumsum(popular) / popular.sum()
    caller, callee = (np.searchsorted(upto, rng.random(ties)) for _ in range(2))
    weight = np.ceil(rng.lognormal(1, 1, ties))
    kept = caller != callee
    directed = sparse.csr_array(
        (weight[kept], (caller[kept], callee[kept])), shape=(people, people)
    )
    return sparse.csr_array(directed + directed.T)
