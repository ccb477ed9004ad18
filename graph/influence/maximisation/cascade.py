"""Simulation: seeds have something, and it passes on until it passes no more.

It follows the definitions of the models to the letter, and shares nothing with the estimates from
reverse reachable sets, which it is there to check.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from graph.compiled import compiled
from graph.errors import BadInput
from graph.influence.maximisation.chance import draw, stream
from graph.influence.maximisation.diffusion import Diffusion
from graph.projection import Floats, Ints, Positions

_BLOCK = 256  # runs that a thread does at a time
_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A mean with half the width of its 95 % confidence interval."""

    mean: float
    half_width: float


def simulate(
    diffusion: Diffusion,
    seeds: Ints,
    runs: int = 10_000,
    seed: int = 0,
    worth: Floats | None = None,
) -> Estimate:
    """Return how many nodes get something that seeds have, the seeds included.

    Parameters
    ----------
    runs : int
        How many times it is simulated, at least 2.
    worth : array, optional
        What each node counts for; 1 where absent.

    Raises
    ------
    BadInput
        A seed is outside the graph, or runs are too few.
    """
    sums = reached(diffusion, seeds, runs, seed, worth).sum(axis=1)
    return Estimate(float(sums.mean()), float(_NORMAL_95 * sums.std(ddof=1) / np.sqrt(runs)))


def reached(
    diffusion: Diffusion, seeds: Ints, runs: int, seed: int = 0, worth: Floats | None = None
) -> Floats:
    """Return what each run reaches, in two columns: the seeds and the others."""
    nodes = len(diffusion)
    chosen = np.unique(np.asarray(seeds, np.int64))
    if len(chosen) and not (chosen[0] >= 0 and chosen[-1] < nodes):
        raise BadInput(f"a seed is outside the graph, whose nodes are 0 to {nodes - 1}")
    if runs < 2:
        raise BadInput("a simulation needs 2 runs at least")
    weight = np.ones(nodes) if worth is None else np.asarray(worth, np.float64)
    ties = diffusion.outgoing
    run = _RUNS[diffusion.model]

    def block(first: int) -> Floats:
        count = min(_BLOCK, runs - first)
        others = run(
            ties.starts,
            ties.other,
            ties.passing,
            chosen.astype(np.int32),
            weight,
            first,
            count,
            seed,
        )
        return np.stack([np.full(count, weight[chosen].sum()), others], axis=1)

    with ThreadPoolExecutor() as pool:
        return np.concatenate(list(pool.map(block, range(0, runs, _BLOCK))))


@compiled
def _cascades(
    starts: Ints,
    other: Positions,
    passing: Floats,
    seeds: Positions,
    worth: Floats,
    first: int,
    count: int,
    seed: int,
) -> Floats:
    nodes = len(starts) - 1
    has, active = np.zeros(nodes, np.bool_), np.empty(nodes, np.int32)
    others = np.zeros(count)
    for run in range(count):
        state = stream(seed, first + run)
        active[: len(seeds)] = seeds
        has[seeds] = True
        done, found = 0, len(seeds)
        while done < found:
            node = active[done]
            done += 1
            for tie in range(starts[node], starts[node + 1]):
                state, chance = draw(state)
                to = other[tie]
                if chance < passing[tie] and not has[to]:
                    has[to] = True
                    active[found] = to
                    found += 1
                    others[run] += worth[to]
        has[active[:found]] = False
    return others


@compiled
def _thresholds(
    starts: Ints,
    other: Positions,
    passing: Floats,
    seeds: Positions,
    worth: Floats,
    first: int,
    count: int,
    seed: int,
) -> Floats:
    nodes = len(starts) - 1
    has, active = np.zeros(nodes, np.bool_), np.empty(nodes, np.int32)
    threshold, weight = np.empty(nodes), np.zeros(nodes)
    others = np.zeros(count)
    for run in range(count):
        state = stream(seed, first + run)
        for node in range(nodes):
            weight[node] = 0.0
            state, chance = draw(state)
            threshold[node] = 1.0 - chance  # in (0, 1]: nobody takes what nobody near them has
        active[: len(seeds)] = seeds
        has[seeds] = True
        done, found = 0, len(seeds)
        while done < found:
            node = active[done]
            done += 1
            for tie in range(starts[node], starts[node + 1]):
                to = other[tie]
                weight[to] += passing[tie]
                if not has[to] and weight[to] >= threshold[to]:
                    has[to] = True
                    active[found] = to
                    found += 1
                    others[run] += worth[to]
        has[active[:found]] = False
    return others


_RUNS: dict[str, Callable[..., Floats]] = {"cascade": _cascades, "threshold": _thresholds}
