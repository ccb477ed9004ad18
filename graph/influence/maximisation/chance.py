"""Chance inside compiled loops: a stream of random numbers for each thing that is drawn.

A stream depends on the seed and on its number alone, so that the answer is the same however many
threads share the work, and in whatever order.
"""

import numpy as np

from graph.compiled import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE_IN = 2.0**-53


@compiled
def mixed(bits: np.uint64) -> np.uint64:
    """Return 64 bits, each of which depends on all of ``bits`` (SplitMix64, Steele et al. 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


@compiled
def stream(seed: int, number: int) -> np.uint64:
    """Return the state in which stream ``number`` begins."""
    return mixed(mixed(np.uint64(seed)) + np.uint64(number) * _GOLDEN)


@compiled
def draw(state: np.uint64) -> tuple[np.uint64, float]:
    """Return the next state of a stream, and a number in [0, 1)."""
    state = state + _GOLDEN
    return state, np.float64(mixed(state) >> np.uint64(11)) * _ONE_IN
