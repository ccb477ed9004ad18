"""Chance: a stream of random numbers for every purpose, day and block.

A stream depends on the seed and its own name only, never on what was drawn before. So a day's file
is the same however many days follow, and the order of work changes nothing.
"""

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BLOCK = 1 << 16  # people, or ties, at a time; part of what a seed means: do not change
_GOLDEN = 0x9E3779B97F4A7C15
_QUANTILES = 4096


def stream(seed: int, purpose: str, *keys: int) -> np.random.Generator:
    """Return the stream of a purpose, told apart by keys such as day and block."""
    name = crc32(purpose.encode())  # unlike a position in a list, it stays when others are added
    sequence = np.random.SeedSequence(seed, spawn_key=(name, *keys))
    return np.random.Generator(np.random.PCG64(sequence))


def salt(seed: int, purpose: str) -> int:
    """Return 64 random bits for ``noise``."""
    return int(stream(seed, purpose).integers(0, 2**63))


def noise(salted: int, first: Array, second: Array | int) -> Array:
    """Return numbers in [0, 1) that depend on salt and keys alone (SplitMix64 of Steele et al.).

    For what must be the same wherever it is asked for, such as where somebody was at an hour.
    """
    with np.errstate(over="ignore"):
        mixed = np.asarray(first).astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(salted)
        mixed = _mix(mixed) + np.asarray(second).astype(np.uint64) * np.uint64(_GOLDEN)
        return (_mix(mixed) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(bits: Array) -> Array:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Array = bits ^ (bits >> np.uint64(31))
    return mixed


def quantiles(weights: Array) -> Array:
    """Return tables to draw positions with: entry ``u * 4096`` of a row is one by its weight."""
    rows = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    cumulated = np.cumsum(rows, axis=1) / rows.sum(axis=1, keepdims=True)
    middles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    found = [np.searchsorted(row, middles) for row in cumulated]
    table: Array = np.minimum(np.array(found), rows.shape[1] - 1).astype(np.int16)
    return table


def pick(tables: Array, row: Array | int, rng: np.random.Generator, size: int) -> Array:
    """Draw positions by the weights of the row that each belongs to."""
    at = rng.integers(0, _QUANTILES, size)
    picked: Array = tables[row, at]
    return picked


def blocks(count: int) -> list[slice]:
    """Cut what is numbered from 0 into blocks."""
    return [slice(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK)]
