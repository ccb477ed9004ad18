"""A made-up social network of any size: groups of friends, few with many ties and many with few."""

import numpy as np
import numpy.typing as npt

from graph.projection import Projection
from graph.tie.strength import with_strength

GROUP = 75  # people in the mean group
OUTSIDE = 0.25  # share of ties that leave the group
_DAY_US = 86_400_000_000
_SPAN_DAYS = 90


def network(people: int, ties: int, seed: int = 7) -> Projection:
    """Return a network with Pareto-distributed degrees and planted groups.

    Parameters
    ----------
    ties : int
        Directed ties; those that are drawn twice are drawn anew once, so a few may lack.
    """
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, max(1, people // GROUP), people))
    zeal = np.minimum(rng.pareto(1.5, people) + 1, np.sqrt(people))
    code = _pairs(rng, group, zeal, int(ties * 1.3))[:ties]
    caller, callee = np.divmod(np.sort(code), people)
    keys = np.array([f"{number:032x}" for number in range(people)])
    return with_strength(
        Projection(
            keys, f"{people}-{ties}-{seed}", caller.astype(np.int32), callee.astype(np.int32),
            _measures(rng, len(caller)),
        )
    )  # fmt: skip


def _pairs(
    rng: np.random.Generator,
    group: npt.NDArray[np.int64],
    zeal: npt.NDArray[np.float64],
    number: int,
) -> npt.NDArray[np.int64]:
    """Return distinct directed pairs, of which half answer each other, in random order."""
    people = len(group)
    ends = np.cumsum(zeal)
    first = np.searchsorted(ends, rng.random(number) * ends[-1])
    lows, highs = (
        np.searchsorted(group, group[first]),
        np.searchsorted(group, group[first], "right"),
    )
    low = np.where(lows > 0, ends[lows - 1], 0)
    inside = np.searchsorted(ends, low + rng.random(number) * (ends[highs - 1] - low))
    outside = np.searchsorted(ends, rng.random(number) * ends[-1])
    second = np.where(rng.random(number) < OUTSIDE, outside, inside)
    kept = (first != second) & (first < people) & (second < people)
    first, second = first[kept], second[kept]
    mutual = rng.random(len(first)) < 0.5
    code = np.concatenate([first * people + second, (second * people + first)[mutual]])
    return np.asarray(rng.permutation(np.unique(code)), np.int64)


def _measures(rng: np.random.Generator, number: int) -> dict[str, npt.NDArray[np.int64]]:
    events = np.ceil(rng.lognormal(1.0, 1.2, number)).astype(np.int64)
    calls = rng.binomial(events, 0.6)
    first = rng.integers(0, _SPAN_DAYS * _DAY_US, number)
    last = first + (rng.random(number) * (_SPAN_DAYS * _DAY_US - first)).astype(np.int64)
    return {
        "calls": calls,
        "messages": events - calls,
        "missed": rng.binomial(calls, 0.1),
        "duration_s": (calls * rng.exponential(120, number)).astype(np.int64),
        "active_days": np.minimum(events, (last - first) // _DAY_US + 1),
        "first_at": first,
        "last_at": last,
    }
