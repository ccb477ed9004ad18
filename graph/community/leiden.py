"""Communities by modularity, found by the Leiden algorithm, the same ones every time.

Modularity is the share of the ties' weight within communities, less what it would be if everybody's
ties led anywhere::

    Q = sum over communities of  inside / 2m  -  resolution * (total / 2m) ** 2

with ``inside`` the weight of ties within, both ways, ``total`` the weight of its members' ties and
``2m`` that of all. People move to the neighbouring community that gains most until nobody gains;
the communities are then split where they hang together badly, and the same is done with the pieces
as people. Who comes first is decided by the number of contacts, so nothing is left to chance.

References
----------
Traag, Waltman, van Eck: From Louvain to Leiden: guaranteeing well-connected communities. Scientific
Reports 9, 5233, 2019.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.compiled import compiled
from graph.projection import Floats, Ints, Matrix, Positions

_MOST_ROUNDS = 30


def communities(contacts: Matrix, resolution: float = 1.0, within: Ints | None = None) -> Ints:
    """Return everybody's community, numbered from 0 by size, the largest first.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, weights above 0; nobody is in contact with themselves.
    resolution : float
        The greater, the smaller the communities; above 0.
    within : array of int, optional
        Wider communities that are to be divided: each is, as if there were no others.

    Examples
    --------
    >>> pairs = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)]
    >>> one, other = zip(*pairs)
    >>> half = sparse.csr_array((np.ones(7), (one, other)), shape=(6, 6))
    >>> communities(sparse.csr_array(half + half.T)).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    graph = contacts if within is None else _cut(contacts, within)
    if not graph.shape[0]:
        return np.empty(0, np.int64)
    around = np.asarray(graph.sum(axis=1), np.float64)
    total = around.sum() if within is None else np.bincount(within, weights=around)[within]
    scale = resolution / np.maximum(np.broadcast_to(total, around.shape), 1e-300)
    member = np.arange(graph.shape[0])  # of everybody, the number of their piece
    group = np.arange(graph.shape[0], dtype=np.int32)  # of every piece, its community
    for _ in range(_MOST_ROUNDS):
        order = np.argsort(np.diff(graph.indptr), kind="stable").astype(np.int32)
        parts = graph.indptr, graph.indices, graph.data, around, scale
        has_moved = _moved(*parts, order, group)
        group = _dense(group)
        if not has_moved:
            break
        pieces = _dense(_refined(*parts, order, group))
        member = pieces[member]
        if pieces.max() + 1 == len(pieces):
            break
        graph, around, scale, group = _aggregated(graph, pieces, around, scale, group)
    return _by_size(group[member])


def modularity(contacts: Matrix, community: Ints, resolution: float = 1.0) -> float:
    """Return the modularity of a division, at most 1; 0 where there are no ties.

    Examples
    --------
    >>> pair = sparse.csr_array([[0.0, 1.0], [1.0, 0.0]])
    >>> modularity(pair, np.array([0, 0])), modularity(pair, np.array([0, 1]))
    (0.0, -0.5)
    """
    weight = contacts.data.sum()
    if not weight:
        return 0.0
    rows = np.repeat(community, np.diff(contacts.indptr))
    inside = contacts.data[rows == community[contacts.indices]].sum()
    totals = np.bincount(community, weights=np.asarray(contacts.sum(axis=1)))
    return float(inside / weight - resolution * ((totals / weight) ** 2).sum())


def _cut(contacts: Matrix, within: Ints) -> Matrix:
    """Return the contacts without those between communities."""
    rows = np.repeat(np.arange(contacts.shape[0]), np.diff(contacts.indptr))
    kept = within[rows] == within[contacts.indices]
    parts = contacts.data[kept], (rows[kept], contacts.indices[kept])
    return sparse.csr_array(parts, shape=contacts.shape)


def _dense(group: npt.NDArray[Any]) -> Positions:
    """Return groups numbered from 0, without gaps."""
    is_used = np.zeros(int(group.max()) + 1, np.int32)
    is_used[group] = 1
    number = np.cumsum(is_used) - 1
    return np.asarray(number[group], np.int32)


def _by_size(group: npt.NDArray[Any]) -> Ints:
    """Return communities numbered by size, the largest first, equals by their first member."""
    _, first, dense, sizes = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return np.asarray(rank[dense], np.int64)


def _aggregated(
    graph: Matrix, pieces: Positions, around: Floats, scale: Floats, group: Positions
) -> tuple[Matrix, Floats, Floats, Positions]:
    """Return the graph of pieces; ties within a piece no longer matter."""
    number = int(pieces.max()) + 1
    rows = np.repeat(pieces, np.diff(graph.indptr))
    columns = pieces[graph.indices]
    kept = rows != columns
    parts = graph.data[kept], (rows[kept], columns[kept])
    smaller = sparse.csr_array(parts, shape=(number, number))
    smaller.sum_duplicates()
    piece_scale, piece_group = np.empty(number), np.empty(number, np.int32)
    piece_scale[pieces], piece_group[pieces] = scale, group
    piece_around = np.bincount(pieces, weights=around).astype(np.float64)
    return smaller, piece_around, piece_scale, piece_group


@compiled
def _moved(
    starts: Positions,
    contacts: Positions,
    weights: Floats,
    around: Floats,
    scale: Floats,
    order: Positions,
    group: Positions,
) -> bool:
    """Move people between groups, in place, until nobody gains; tell whether anybody did."""
    people = len(starts) - 1
    total, members = np.zeros(people), np.zeros(people, np.int32)
    for one in range(people):
        total[group[one]] += around[one]
        members[group[one]] += 1
    free = np.empty(people, np.int32)
    left = 0
    for number in range(people - 1, -1, -1):
        if not members[number]:
            free[left] = number
            left += 1
    queue, is_queued = order.copy(), np.ones(people, np.bool_)
    head, waiting, has_moved = 0, people, False
    toward, met = np.zeros(people), np.empty(people, np.int32)
    while waiting:
        one = queue[head]
        head = head + 1 if head + 1 < people else 0
        waiting -= 1
        is_queued[one] = False
        own, number = group[one], 0
        for at in range(starts[one], starts[one + 1]):
            there = group[contacts[at]]
            if toward[there] == 0.0:
                met[number] = there
                number += 1
            toward[there] += weights[at]
        pull = around[one] * scale[one]
        total[own] -= around[one]
        members[own] -= 1
        # To stay counts first, so that nobody moves for nothing.
        best, gain = own, toward[own] - pull * total[own]
        for index in range(number):
            there = met[index]
            here = toward[there] - pull * total[there]
            if here > gain + 1e-12:
                best, gain = there, here
            toward[there] = 0.0
        if gain < -1e-12 and members[own] and left:
            best = free[left - 1]
        if best != own:
            if left and best == free[left - 1]:
                left -= 1
            if not members[own]:
                free[left] = own
                left += 1
            group[one] = best
            has_moved = True
            for at in range(starts[one], starts[one + 1]):
                other = contacts[at]
                if group[other] != best and not is_queued[other]:
                    is_queued[other] = True
                    tail = head + waiting
                    queue[tail if tail < people else tail - people] = other
                    waiting += 1
        total[best] += around[one]
        members[best] += 1
    return has_moved


@compiled
def _refined(
    starts: Positions,
    contacts: Positions,
    weights: Floats,
    around: Floats,
    scale: Floats,
    order: Positions,
    group: Positions,
) -> Positions:
    """Return pieces of the groups, each well connected to the rest of its group."""
    people = len(starts) - 1
    group_total = np.zeros(people)
    for one in range(people):
        group_total[group[one]] += around[one]
    piece = np.arange(people).astype(np.int32)
    total, members = around.copy(), np.ones(people, np.int32)
    outward = np.zeros(people)  # weight from a piece to the rest of its group
    for one in range(people):
        for at in range(starts[one], starts[one + 1]):
            if group[contacts[at]] == group[one]:
                outward[one] += weights[at]
    toward, met = np.zeros(people), np.empty(people, np.int32)
    for index in range(people):
        one = order[index]
        rest = group_total[group[one]] - around[one]
        if members[piece[one]] > 1 or outward[one] < around[one] * rest * scale[one]:
            continue
        number = 0
        for at in range(starts[one], starts[one + 1]):
            if group[contacts[at]] != group[one]:
                continue
            there = piece[contacts[at]]
            if toward[there] == 0.0:
                met[number] = there
                number += 1
            toward[there] += weights[at]
        best, gain = piece[one], 0.0
        for spot in range(number):
            there = met[spot]
            here = toward[there] - around[one] * total[there] * scale[one]
            around_it = group_total[group[one]] - total[there]
            is_well_connected = outward[there] >= total[there] * around_it * scale[one]
            if here > gain and is_well_connected:
                best, gain = there, here
        if best != piece[one]:
            outward[best] += outward[one] - 2 * toward[best]
            total[best] += around[one]
            members[best] += 1
            members[piece[one]] = 0
            piece[one] = best
        for spot in range(number):
            toward[met[spot]] = 0.0
    return piece
