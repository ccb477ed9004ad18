"""Worlds: how leaving might come to somebody, drawn at random.

A world is drawn backwards from a root, who is drawn by value: the ties along which leaving would
come to the root if it began at their other end, who leaves of their own accord, and who would stay
if asked to. Worlds in which the root stays anyway are counted, and not kept.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from graph.compiled import compiled
from graph.errors import BadInput
from graph.influence.maximisation.chance import draw, stream
from graph.influence.maximisation.diffusion import Hints
from graph.influence.maximisation.reverse import Flags, cumulated, passed_over, rooted
from graph.projection import Floats, Ints, Positions
from graph.retention.stakes import Stakes

_BLOCK = 4096  # worlds that a thread draws at a time
_Item = TypeVar("_Item", bound=np.generic)
_Parts = tuple[Ints, Positions, Flags, Flags, Ints, Positions, Positions]


@dataclass(frozen=True, eq=False)
class Worlds:
    """The worlds in which the root leaves, one after another.

    Attributes
    ----------
    drawn : int
        How many were drawn, those in which the root stays included.
    subscribers : int
        How many subscribers there are.
    total : float
        What all of them are worth together.
    starts : array of int64
        Where each world's people begin, and where the last one's end; the root comes first.
    people : array of int32
        Subscribers to whom leaving comes, and from whom it comes to the root.
    leaves, stays : array of bool
        For each of them whether they leave of their own accord, and whether they would stay if
        asked to.
    tie_starts : array of int64
        Where each world's ties begin, and where the last one's end.
    origin, target : array of int32
        The ends of each tie that passes leaving on, as places among the people of its world.
    """

    drawn: int
    subscribers: int
    total: float
    starts: Ints
    people: Positions
    leaves: Flags
    stays: Flags
    tie_starts: Ints
    origin: Positions
    target: Positions

    def __len__(self) -> int:
        return len(self.starts) - 1


def draw_worlds(
    stakes: Stakes, count: int, seed: int, *, first: int = 0, success: float = 1.0
) -> Worlds:
    """Draw worlds; each depends on the seed and its own number alone.

    Parameters
    ----------
    count : int
        How many, at least 1.
    first : int
        Number of the first.
    success : float
        Probability in [0, 1] that somebody who is asked to stay does.

    Raises
    ------
    BadInput
        Nobody is worth anything, or a number is out of its range.
    """
    if count < 1:
        raise BadInput("there is no world to draw")
    if not 0 <= success <= 1:
        raise BadInput("success is not between 0 and 1")
    nodes, upto = len(stakes.along), cumulated(stakes.value)
    ties, hints = stakes.along.incoming, stakes.along.hints

    def block(at: int) -> _Parts:
        return _worlds(
            ties.starts,
            ties.other,
            ties.passing,
            hints,
            upto,
            stakes.risk,
            success,
            np.zeros(nodes, np.int32),
            first + at,
            min(_BLOCK, count - at),
            seed,
        )

    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(block, range(0, count, _BLOCK)))
    sizes, people, leaves, stays, tied, origin, target = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    starts = np.concatenate([[0], np.cumsum(sizes)])
    tie_starts = np.concatenate([[0], np.cumsum(tied)])
    return Worlds(
        count, nodes, stakes.total, starts, people, leaves, stays, tie_starts, origin, target
    )


@compiled
def _worlds(
    starts: Ints,
    other: Positions,
    passing: Floats,
    hints: Hints,
    upto: Floats,
    risk: Floats,
    success: float,
    place: Positions,
    first: int,
    count: int,
    seed: int,
) -> _Parts:
    """Draw some worlds; ``place`` is one more than where a subscriber stands in this world."""
    sizes, tied, kept, used, ties = np.empty(count, np.int64), np.empty(count, np.int64), 0, 0, 0
    people, leaves = np.empty(count, np.int32), np.empty(count, np.bool_)
    stays = np.empty(count, np.bool_)
    origin, target = np.empty(count, np.int32), np.empty(count, np.int32)
    nodes = len(starts) - 1
    for number in range(count):
        state, root = rooted(stream(seed, first + number), upto, nodes)
        begun, begun_ties, done, anyone = used, ties, used, np.bool_(False)
        used += 1
        if used > len(people):
            people, leaves, stays = _longer(people), _longer(leaves), _longer(stays)
        people[begun] = root
        place[root] = 1
        while done < used:
            node = people[done]
            state, chance = draw(state)
            leaves[done] = chance < risk[node]
            anyone |= leaves[done]
            state, chance = draw(state)
            stays[done] = chance < success
            tie, end = int(starts[node]), int(starts[node + 1])
            while tie < end:  # as in maximisation.reverse: jump to the next that may pass
                state, skipped = passed_over(state, tie, end, hints)
                if skipped < 0:
                    break
                likeliest = passing[tie]
                tie += skipped
                state, chance = draw(state)
                if chance * likeliest < passing[tie]:
                    comes = other[tie]
                    if place[comes] == 0:
                        if used == len(people):
                            people, leaves, stays = _longer(people), _longer(leaves), _longer(stays)
                        people[used] = comes
                        used += 1
                        place[comes] = used - begun
                    if ties == len(origin):
                        origin, target = _longer(origin), _longer(target)
                    origin[ties] = place[comes] - 1
                    target[ties] = done - begun
                    ties += 1
                tie += 1
            done += 1
        for node in people[begun:used]:
            place[node] = 0
        if not anyone:
            used, ties = begun, begun_ties
            continue
        used, ties = _pruned(people, leaves, stays, origin, target, begun, used, begun_ties, ties)
        sizes[kept] = used - begun
        tied[kept] = ties - begun_ties
        kept += 1
    return (
        sizes[:kept],
        people[:used],
        leaves[:used],
        stays[:used],
        tied[:kept],
        origin[:ties],
        target[:ties],
    )


@compiled
def _pruned(
    people: Positions,
    leaves: Flags,
    stays: Flags,
    origin: Positions,
    target: Positions,
    begun: int,
    used: int,
    begun_ties: int,
    ties: int,
) -> tuple[int, int]:
    """Leave out of the last world to whom nobody's leaving comes; return where it ends now."""
    size = used - begun
    starts, others = adjacent(origin[begun_ties:ties], target[begun_ties:ties], size)
    found, line, length = np.zeros(size, np.bool_), np.empty(size, np.int32), 0
    for at in range(size):
        if leaves[begun + at]:
            found[at] = True
            line[length] = at
            length += 1
    done = 0
    while done < length:
        for to in others[starts[line[done]] : starts[line[done] + 1]]:
            if not found[to]:
                found[to] = True
                line[length] = to
                length += 1
        done += 1
    renamed, kept = np.empty(size, np.int32), 0
    for at in range(size):
        if found[at]:
            renamed[at] = kept
            people[begun + kept] = people[begun + at]
            leaves[begun + kept] = leaves[begun + at]
            stays[begun + kept] = stays[begun + at]
            kept += 1
    end = begun_ties
    for tie in range(begun_ties, ties):
        if found[origin[tie]]:  # then also whoever it leads to
            origin[end] = renamed[origin[tie]]
            target[end] = renamed[target[tie]]
            end += 1
    return begun + kept, end


@compiled
def adjacent(origin: Positions, target: Positions, size: int) -> tuple[Positions, Positions]:
    """Return the targets of each origin: where they begin, and the targets."""
    starts = np.zeros(size + 1, np.int32)
    for at in origin:
        starts[at + 1] += 1
    for at in range(size):
        starts[at + 1] += starts[at]
    filled, others = starts[:-1].copy(), np.empty(len(target), np.int32)
    for tie in range(len(origin)):
        others[filled[origin[tie]]] = target[tie]
        filled[origin[tie]] += 1
    return starts, others


@compiled
def _longer(array: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
    longer = np.empty(2 * len(array), array.dtype)
    longer[: len(array)] = array
    return longer
