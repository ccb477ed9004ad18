"""PageRank: who is called by those who are called.

Somebody whom a random caller reaches, who follows ties by their weight and, once in a while or
where there is nobody to call, begins anew with anybody::

    x = damping * (P^T x + stranded / n) + (1 - damping) / n

with ``P`` the matrix of ties, whose rows sum to 1, and ``stranded`` what is with those who call
nobody. A tie from caller to callee counts for the callee.

References
----------
Page, Brin, Motwani, Winograd: The PageRank Citation Ranking. Stanford InfoLab, 1999.
"""

import numba
import numpy as np

from graph.projection import Floats, Ints, Matrix, Positions

_MOST_ROUNDS = 1_000


def pagerank(
    ties: Matrix,
    damping: float = 0.85,
    *,
    tolerance: float = 1e-10,
    rounds: int | None = None,
) -> Floats:
    """Return the PageRank of everybody; they are above 0 and sum to 1.

    Parameters
    ----------
    ties : csr_array
        Directed: rows are callers, columns are callees, weights are at least 0.
    damping : float
        Chance to go on along a tie, at least 0, below 1.
    tolerance : float
        It is done when the scores change by no more than this in sum.
    rounds : int, optional
        Compute exactly so many, whatever the tolerance.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> pagerank(csr_array([[0.0, 1.0], [0.0, 0.0]])).round(4).tolist()
    [0.3509, 0.6491]
    """
    people = ties.shape[0]
    if not people:
        return np.empty(0)
    out = np.asarray(ties.sum(axis=1), np.float64)
    is_stranded = out == 0
    per_out = damping / np.where(is_stranded, 1.0, out)
    called = ties.T.tocsr()
    scores = np.full(people, 1 / people)
    for _ in range(_MOST_ROUNDS if rounds is None else rounds):
        base = (damping * scores[is_stranded].sum() + 1 - damping) / people
        after = _gathered(called.indptr, called.indices, called.data, scores * per_out, base)
        change = np.abs(after - scores).sum()
        scores = after
        if rounds is None and change <= tolerance:
            break
    return np.asarray(scores, np.float64)


@numba.njit(parallel=True, nogil=True, cache=True)
def _gathered(
    starts: Positions, sources: Positions, weights: Floats, scores: Floats, base: float
) -> Floats:
    """Return what each gets from its callers."""
    gained = np.empty(len(starts) - 1)
    for one in numba.prange(len(gained)):
        total = base
        for at in range(starts[one], starts[one + 1]):
            total += weights[at] * scores[sources[at]]
        gained[one] = total
    return gained


def ranks(scores: Floats) -> tuple[Ints, Floats]:
    """Return everybody's rank, 1 for the greatest score, and percentile.

    Equal scores share the best rank. The percentile is 100 times the share of the others who have
    a smaller score; 0 for somebody who is alone.

    Examples
    --------
    >>> rank, percentile = ranks(np.array([0.2, 0.5, 0.2]))
    >>> rank.tolist(), percentile.tolist()
    ([2, 1, 2], [0.0, 100.0, 0.0])
    """
    ordered = np.sort(scores)
    below = np.searchsorted(ordered, scores, "left")
    rank = len(scores) - np.searchsorted(ordered, scores, "right") + 1
    return rank.astype(np.int64), 100.0 * below / max(1, len(scores) - 1)
