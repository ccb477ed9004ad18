"""Maximum coverage within a budget: nodes that are in the most sets for what they cost.

Greedy by gain for cost, and the best single node where that is more. With equal costs the result
covers at least 1 - 1/e of the most that can be (Nemhauser, Wolsey and Fisher 1978), with others
at least 1/2 - 1/(2e) (Khuller, Moss and Naor 1999); mostly far more, which ``most`` shows.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from graph.compiled import compiled
from graph.errors import BadInput
from graph.influence.maximisation.reverse import Flags, Sets
from graph.projection import Floats, Ints, Positions

_CHECKS = 8  # times at which what is left to gain is bounded; the least of the bounds counts


@dataclass(frozen=True, eq=False)
class Cover:
    """The nodes chosen, and what they cover.

    Attributes
    ----------
    chosen : array of int64
        Nodes in the order of choice.
    gains : array of int64
        How many sets each covers that those before it do not.
    most : float
        At least as many sets as any choice within the budget covers.
    """

    chosen: Ints
    gains: Ints
    most: float

    @property
    def covered(self) -> int:
        """How many sets hold a chosen node."""
        return int(self.gains.sum())


def cover(sets: Sets, costs: Floats | None, budget: float, may: Flags | None = None) -> Cover:
    """Choose nodes within a budget; of equals, the one that comes first.

    Parameters
    ----------
    costs : array, optional
        What each node costs, above 0; 1 each where absent, so that the budget is their number.
    may : array, optional
        Which nodes may be chosen; all where absent.

    Raises
    ------
    BadInput
        The budget is below 0 or no number, or a cost is not above 0.
    """
    if not 0 <= budget < np.inf:
        raise BadInput("a budget is a number, 0 or more")
    cost = np.ones(sets.nodes) if costs is None else np.asarray(costs, np.float64)
    if not np.all(cost > 0):
        raise BadInput("a cost is not above 0")
    allowed = np.ones(sets.nodes, np.bool_) if may is None else may
    affordable = allowed & (cost <= budget)
    greedy = _greedy(sets, cost, budget, affordable)
    single = np.bincount(sets.members, minlength=sets.nodes) * affordable
    best = int(single.argmax()) if len(single) else 0
    if len(single) and single[best] > greedy.covered:
        return Cover(np.array([best]), single[[best]], greedy.most)
    return greedy


def _greedy(sets: Sets, cost: Floats, budget: float, affordable: Flags) -> Cover:
    node_starts, node_sets = _inverted(sets.nodes, sets.starts, sets.members)
    gain = np.diff(node_starts)
    is_covered = np.zeros(len(sets), np.bool_)
    chosen, gains = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    spent, done, most = 0.0, 0, np.inf
    for check in range(_CHECKS + 1):
        most = min(most, done + _knapsack(gain * affordable, cost, budget))
        stop = budget * (check + 1) / _CHECKS
        more, won = _choose(
            sets.starts,
            sets.members,
            node_starts,
            node_sets,
            gain,
            is_covered,
            cost,
            affordable,
            budget - spent,
            stop - spent,
        )
        chosen.append(more)
        gains.append(won)
        spent += float(cost[more].sum())
        done += int(won.sum())
    return Cover(np.concatenate(chosen), np.concatenate(gains), min(most, float(len(sets))))


def _knapsack(gain: Ints, cost: Floats, budget: float) -> float:
    """Return the most that gains within a budget can add up to, parts of nodes allowed."""
    worth = gain / cost
    fit = min(int(budget / cost.min()) + 1, len(cost))  # no more nodes can count, in part or whole
    best = np.argpartition(-worth, fit - 1)[:fit]
    order = best[np.argsort(-worth[best])]
    before = np.cumsum(cost[order]) - cost[order]
    part = np.clip((budget - before) / cost[order], 0.0, 1.0)
    return float(part @ gain[order])


@compiled
def _inverted(nodes: int, starts: Ints, members: Positions) -> tuple[Ints, Positions]:
    """Return the sets that each node is in: where a node's begin, and their numbers."""
    node_starts = np.zeros(nodes + 1, np.int64)
    for member in members:
        node_starts[member + 1] += 1
    for node in range(nodes):
        node_starts[node + 1] += node_starts[node]
    filled, sets = node_starts[:-1].copy(), np.empty(len(members), np.int32)
    for number in range(len(starts) - 1):
        for member in members[starts[number] : starts[number + 1]]:
            sets[filled[member]] = number
            filled[member] += 1
    return node_starts, sets


@compiled
def _choose(
    starts: Ints,
    members: Positions,
    node_starts: Ints,
    node_sets: Positions,
    gain: Ints,
    is_covered: Flags,
    cost: Floats,
    affordable: Flags,
    left: float,
    enough: float,
) -> tuple[Ints, Ints]:
    """Choose until ``enough`` is spent, and never more than is ``left``.

    ``gain``, ``is_covered`` and ``affordable`` are brought up to date. Gains only ever fall, so a
    node that is first in line and whose gain has not fallen since is the best.
    """
    line = [
        (-gain[node] / cost[node], node)
        for node in range(len(gain))
        if affordable[node] and gain[node] > 0
    ]
    heapify(line)
    chosen, gains, spent = [np.int64(0) for _ in range(0)], [np.int64(0) for _ in range(0)], 0.0
    while len(line) > 0 and spent < enough:
        before, node = heappop(line)
        if gain[node] == 0 or cost[node] > left - spent:
            continue
        now = -gain[node] / cost[node]
        if now > before:
            heappush(line, (now, node))
            continue
        chosen.append(np.int64(node))
        gains.append(np.int64(gain[node]))
        spent += cost[node]
        affordable[node] = False
        for number in node_sets[node_starts[node] : node_starts[node + 1]]:
            if not is_covered[number]:
                is_covered[number] = True
                for member in members[starts[number] : starts[number + 1]]:
                    gain[member] -= 1
    return np.array(chosen, np.int64), np.array(gains, np.int64)
