"""k-shells: how deep in the network somebody is.

Whoever has no more than ``k`` contacts among those who are left is taken away, again and again; the
``k`` at which somebody goes is their shell. In the weighted variant, somebody counts by
``sqrt(contacts * strength)`` among those who are left, in whole steps, where a mean tie weighs 1.

References
----------
Kitsak et al.: Identification of influential spreaders in complex networks. Nature Physics 6,
888-893, 2010. Garas, Schweitzer, Havlin: A k-shell decomposition method for weighted networks. New
Journal of Physics 14, 083030, 2012.
"""

import heapq

import numpy as np

from graph.compiled import compiled
from graph.projection import Floats, Ints, Matrix, Positions


def shells(contacts: Matrix) -> Ints:
    """Return everybody's k-shell, at least 0; 0 has whoever has no contacts.

    Parameters
    ----------
    contacts : csr_array
        Symmetric; nobody is in contact with themselves.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> shells(csr_array([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])).tolist()
    [2, 2, 2, 1]
    """
    return np.asarray(_peeled(contacts.indptr, contacts.indices), np.int64)


@compiled
def _peeled(starts: Positions, contacts: Positions) -> Positions:
    """Peel in the order of degrees kept in bins (Batagelj and Zaversnik, 2003)."""
    people = len(starts) - 1
    degree = np.empty(people, np.int32)
    most = 0
    for one in range(people):
        degree[one] = starts[one + 1] - starts[one]
        most = max(most, degree[one])
    first = np.zeros(most + 2, np.int32)
    for one in range(people):
        first[degree[one] + 1] += 1
    first = np.cumsum(first).astype(np.int32)
    place, order, filled = np.empty(people, np.int32), np.empty(people, np.int32), first.copy()
    for one in range(people):
        place[one] = filled[degree[one]]
        order[place[one]] = one
        filled[degree[one]] += 1
    for index in range(people):
        one = order[index]
        for at in range(starts[one], starts[one + 1]):
            other = contacts[at]
            if degree[other] > degree[one]:
                # Swap with the first of its bin, which then begins one later.
                head = order[first[degree[other]]]
                spot = first[degree[other]]
                order[spot], order[place[other]] = other, head
                place[head], place[other] = place[other], spot
                first[degree[other]] += 1
                degree[other] -= 1
    return degree


def weighted_shells(contacts: Matrix) -> Ints:
    """Return everybody's weighted k-shell, at least 0.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, weights above 0; nobody is in contact with themselves.
    """
    mean = contacts.data.mean() if contacts.nnz else 1.0
    parts = contacts.indptr, contacts.indices, contacts.data / mean
    return np.asarray(_peeled_by_weight(*parts), np.int64)


@compiled
def _peeled_by_weight(starts: Positions, contacts: Positions, weights: Floats) -> Ints:
    people = len(starts) - 1
    left = np.empty(people, np.int64)
    strength = np.zeros(people)
    shell = np.full(people, -1, np.int64)
    waiting = [(0.0, np.int64(0)) for _ in range(0)]
    for one in np.arange(people):
        left[one] = starts[one + 1] - starts[one]
        for at in range(starts[one], starts[one + 1]):
            strength[one] += weights[at]
        heapq.heappush(waiting, (np.sqrt(left[one] * strength[one]), one))
    level = 0
    while waiting:
        worth, one = heapq.heappop(waiting)
        if shell[one] >= 0:
            continue
        level = max(level, int(np.ceil(worth - 1e-9)))  # rounding must not lift anybody
        shell[one] = level
        for at in range(starts[one], starts[one + 1]):
            other = np.int64(contacts[at])
            if shell[other] < 0:
                left[other] -= 1
                strength[other] = max(0.0, strength[other] - weights[at])
                heapq.heappush(waiting, (np.sqrt(left[other] * strength[other]), other))
    return shell
