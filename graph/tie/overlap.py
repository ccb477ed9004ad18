"""How much two people's circles overlap, and how many of somebody's contacts know each other.

``overlap`` of a tie is the share of common contacts among all contacts of the two, themselves left
out; ``clustering`` of a subscriber is the share of the ordered pairs of contacts who have a tie.

References
----------
Onnela et al.: Structure and tie strengths in mobile communication networks. PNAS 104, 7332-7336,
2007.
"""

import numba
import numpy as np

from graph.projection import Floats, Matrix, Positions


def overlaps(contacts: Matrix) -> Floats:
    """Return the overlap of each tie, from 0 to 1, in the order of the matrix's entries.

    ``common / (contacts of one - 1 + contacts of the other - 1 - common)``; 0 where neither has
    any other contact.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, with sorted columns; nobody is in contact with themselves.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> triangle_and_one = [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]
    >>> overlaps(csr_array(triangle_and_one)).tolist()
    [1.0, 0.5, 1.0, 0.5, 0.5, 0.5, 0.0, 0.0]
    """
    workers = max(1, numba.get_num_threads())
    return np.asarray(_overlaps(contacts.indptr, contacts.indices, workers), np.float64)


@numba.njit(parallel=True, nogil=True, cache=True)
def _overlaps(starts: Positions, contacts: Positions, workers: int) -> Floats:
    people = len(starts) - 1
    told = np.zeros(len(contacts))
    for worker in numba.prange(workers):
        is_contact = np.zeros(people, np.bool_)
        for one in range(worker, people, workers):
            own = starts[one + 1] - starts[one]
            for at in range(starts[one], starts[one + 1]):
                is_contact[contacts[at]] = True
            for at in range(starts[one], starts[one + 1]):
                other = contacts[at]
                others = starts[other + 1] - starts[other]
                # Of two ends, the shorter list is looked through, once for both directions.
                if others > own or (others == own and other > one):
                    continue
                common = 0
                for there in range(starts[other], starts[other + 1]):
                    common += is_contact[contacts[there]]
                union = own + others - 2 - common
                share = common / union if union else 0.0
                told[at] = share
                row = contacts[starts[other] : starts[other + 1]]
                told[starts[other] + np.searchsorted(row, one)] = share
            for at in range(starts[one], starts[one + 1]):
                is_contact[contacts[at]] = False
    return told


def clustering(ties: Matrix, contacts: Matrix) -> Floats:
    """Return everybody's share of ordered pairs of contacts with a tie; 0 with under two contacts.

    Parameters
    ----------
    ties : csr_array
        Directed, or the contacts once more.
    contacts : csr_array
        Symmetric; nobody is in contact with themselves.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> contacts = csr_array([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    >>> clustering(contacts, contacts).round(3).tolist()
    [1.0, 1.0, 0.333, 0.0]
    """
    workers = max(1, numba.get_num_threads())
    parts = (ties.indptr, ties.indices, contacts.indptr, contacts.indices)
    return np.asarray(_clustering(*parts, workers), np.float64)


@numba.njit(parallel=True, nogil=True, cache=True)
def _clustering(
    tie_starts: Positions,
    callees: Positions,
    starts: Positions,
    contacts: Positions,
    workers: int,
) -> Floats:
    people = len(starts) - 1
    told = np.zeros(people)
    for worker in numba.prange(workers):
        is_contact = np.zeros(people, np.bool_)
        for one in range(worker, people, workers):
            number = starts[one + 1] - starts[one]
            for at in range(starts[one], starts[one + 1]):
                is_contact[contacts[at]] = True
            found = 0
            for at in range(starts[one], starts[one + 1]):
                other = contacts[at]
                for there in range(tie_starts[other], tie_starts[other + 1]):
                    found += is_contact[callees[there]]
            if number > 1:
                told[one] = found / (number * (number - 1))
            for at in range(starts[one], starts[one + 1]):
                is_contact[contacts[at]] = False
    return told
