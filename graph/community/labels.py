"""Communities by the label that most of one's contacts have."""

import numba
import numpy as np

from graph.projection import Ints, Matrix, Positions


def labels(ties: Matrix, rounds: int = 10, first: Ints | None = None) -> Ints:
    """Return everybody's label after some rounds, in each of which all take the most frequent one.

    A label counts once for each tie from or to somebody who has it, so twice where both call each
    other; of equally frequent labels the least is taken. Weights do not count. It is the algorithm
    that LDBC Graphalytics calls CDLP.

    Parameters
    ----------
    ties : csr_array
        Directed. Contacts that have no direction may be given one way, or both.
    first : array of int, optional
        Labels to begin with, at least 0; unset: everybody's position.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> labels(csr_array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])).tolist()
    [0, 1, 2]
    >>> labels(csr_array([[0, 1, 1], [0, 0, 1], [0, 0, 0]])).tolist()
    [0, 0, 0]
    """
    back = ties.T.tocsr()
    now = np.arange(ties.shape[0]) if first is None else np.asarray(first, np.int64)
    for _ in range(rounds):
        after = _most_frequent(ties.indptr, ties.indices, back.indptr, back.indices, now)
        if np.array_equal(after, now):
            break
        now = after
    return np.asarray(now, np.int64)


@numba.njit(parallel=True, nogil=True, cache=True)
def _most_frequent(
    starts: Positions, callees: Positions, back_starts: Positions, callers: Positions, now: Ints
) -> Ints:
    after = now.copy()
    for one in numba.prange(len(now)):
        around = np.concatenate(
            (
                now[callees[starts[one] : starts[one + 1]]],
                now[callers[back_starts[one] : back_starts[one + 1]]],
            )
        )
        around.sort()
        best, index = 0, 0
        while index < len(around):
            begin = index
            while index < len(around) and around[index] == around[begin]:
                index += 1
            if index - begin > best:
                best = index - begin
                after[one] = around[begin]
    return after
