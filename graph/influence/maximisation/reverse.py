"""Reverse reachable sets: whoever would have passed something on to a node drawn at random.

The share of sets that hold one of some seeds is, in the mean, the share of all nodes (by weight)
that these seeds reach (Borgs, Brautbar, Chayes and Lucier, SODA 2014).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.compiled import compiled
from graph.errors import BadInput
from graph.influence.maximisation.chance import draw, stream
from graph.influence.maximisation.diffusion import Diffusion, Hints
from graph.projection import Floats, Ints, Positions

_BLOCK = 1024  # sets that a thread draws at a time
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets of nodes, one after another.

    Attributes
    ----------
    nodes : int
        How many nodes there are; those in sets are in [0, nodes).
    starts : array of int64
        Where each set's members begin, and where the last one's end.
    members : array of int32
        Nodes, each once in a set.
    """

    nodes: int
    starts: Ints
    members: Positions

    def __len__(self) -> int:
        return len(self.starts) - 1

    def covered(self, seeds: Ints) -> int:
        """Return how many sets hold a seed."""
        return int(self.holding(seeds).sum())

    def holding(self, seeds: Ints) -> Flags:
        """Tell which sets hold a seed."""
        is_seed = np.zeros(self.nodes, np.bool_)
        is_seed[seeds] = True
        return _held(self.starts, self.members, is_seed)


@compiled
def _held(starts: Ints, members: Positions, is_seed: Flags) -> Flags:
    held = np.zeros(len(starts) - 1, np.bool_)
    for number in range(len(held)):
        for member in members[starts[number] : starts[number + 1]]:
            if is_seed[member]:
                held[number] = True
                break
    return held


def joined(first: Sets, second: Sets) -> Sets:
    """Return the sets of both."""
    starts = np.concatenate([first.starts, second.starts[1:] + first.starts[-1]])
    return Sets(first.nodes, starts, np.concatenate([first.members, second.members]))


def draw_sets(
    diffusion: Diffusion, count: int, seed: int, first: int = 0, weights: Floats | None = None
) -> Sets:
    """Draw reverse reachable sets; each depends on the seed and its own number alone.

    Parameters
    ----------
    first : int
        Number of the first.
    weights : array, optional
        What each node counts for, at least 0: the roots are drawn in proportion. 1 where absent.

    Raises
    ------
    BadInput
        There are no nodes, or weights are below 0 or all 0.
    """
    nodes = len(diffusion)
    if not nodes:
        raise BadInput("there is nobody in the graph")
    upto = cumulated(weights)
    ties, hints = diffusion.incoming, diffusion.hints
    drawn = _DRAWN[diffusion.model]

    def block(at: int) -> tuple[Ints, Positions]:
        return drawn(
            ties.starts,
            ties.other,
            ties.passing,
            hints,
            upto,
            np.zeros(nodes, np.bool_),
            first + at,
            min(_BLOCK, count - at),
            seed,
        )

    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(block, range(0, count, _BLOCK)))
    sizes = np.concatenate([sizes for sizes, _ in parts] or [np.empty(0, np.int64)])
    members = np.concatenate([members for _, members in parts] or [np.empty(0, np.int32)])
    return Sets(nodes, np.concatenate([[0], np.cumsum(sizes)]), members)


def cumulated(weights: Floats | None) -> Floats:
    """Return the running sum of weights, empty where there are none.

    Raises
    ------
    BadInput
        A weight is below 0 or no number, or all are 0.
    """
    if weights is None:
        return np.empty(0)
    upto: Floats = np.cumsum(weights, dtype=np.float64)
    if not (np.all(np.asarray(weights) >= 0) and np.isfinite(upto[-1]) and upto[-1] > 0):
        raise BadInput("weights are below 0, endless, or all 0")
    return upto


@compiled
def rooted(state: np.uint64, upto: Floats, nodes: int) -> tuple[np.uint64, int]:
    """Return the stream's next state, and a node drawn by weight, or evenly without weights."""
    state, chance = draw(state)
    if len(upto) == 0:
        return state, int(chance * nodes)
    return state, np.searchsorted(upto, chance * upto[-1], side="right")


@compiled
def passed_over(state: np.uint64, tie: int, end: int, hints: Hints) -> tuple[np.uint64, int]:
    """Return the stream's next state, and how many ties to pass over before one that may pass.

    No tie up to ``end`` is likelier than the one at ``tie``: so this is the number before the next
    that would pass if all were as likely as it, -1 where none would. What is at that place has yet
    to be drawn by how much less likely it is.
    """
    state, chance = draw(state)
    if 1.0 - chance <= hints[1][tie]:
        return state, -1
    return state, min(int(np.log(1.0 - chance) * hints[0][tie]), end - tie - 1)


@compiled
def _cascade_sets(
    starts: Ints,
    other: Positions,
    passing: Floats,
    hints: Hints,
    upto: Floats,
    is_in: Flags,
    first: int,
    count: int,
    seed: int,
) -> tuple[Ints, Positions]:
    sizes, members, used = np.empty(count, np.int64), np.empty(4 * count, np.int32), 0
    nodes = len(starts) - 1
    for number in range(count):
        state, root = rooted(stream(seed, first + number), upto, nodes)
        begun = done = used
        members = _roomy(members, used + 1)
        members[used] = root
        used += 1
        is_in[root] = True
        while done < used:
            node = members[done]
            done += 1
            tie, end = int(starts[node]), int(starts[node + 1])
            members = _roomy(members, used + end - tie)
            while tie < end:
                state, skipped = passed_over(state, tie, end, hints)
                if skipped < 0:
                    break
                likeliest = passing[tie]
                tie += skipped
                state, chance = draw(state)
                origin = other[tie]
                if chance * likeliest < passing[tie] and not is_in[origin]:
                    members[used] = origin
                    used += 1
                    is_in[origin] = True
                tie += 1
        is_in[members[begun:used]] = False
        sizes[number] = used - begun
    return sizes, members[:used]


@compiled
def _threshold_sets(
    starts: Ints,
    other: Positions,
    passing: Floats,
    hints: Hints,
    upto: Floats,
    is_in: Flags,
    first: int,
    count: int,
    seed: int,
) -> tuple[Ints, Positions]:
    sizes, members, used = np.empty(count, np.int64), np.empty(4 * count, np.int32), 0
    nodes = len(starts) - 1
    for number in range(count):
        state, node = rooted(stream(seed, first + number), upto, nodes)
        begun = used
        while not is_in[node]:
            members = _roomy(members, used + 1)
            members[used] = node
            used += 1
            is_in[node] = True
            # Whoever takes something at a threshold takes it from one other, drawn by weight.
            state, chance = draw(state)
            begin, end = starts[node], starts[node + 1]
            tie = begin + np.searchsorted(hints[0][begin:end], chance, side="right")
            if tie == end:
                break
            node = int(other[tie])
        is_in[members[begun:used]] = False
        sizes[number] = used - begun
    return sizes, members[:used]


@compiled
def _roomy(members: Positions, needed: int) -> Positions:
    """Return the members with room for some in all: at least twice as many where there was none."""
    if needed <= len(members):
        return members
    longer = np.empty(max(2 * len(members), needed), np.int32)
    longer[: len(members)] = members
    return longer


_DRAWN: dict[str, Callable[..., tuple[Ints, Positions]]] = {
    "cascade": _cascade_sets,
    "threshold": _threshold_sets,
}
