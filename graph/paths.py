"""How far it is from one subscriber to the others, and who is connected at all."""

import numpy as np
from scipy.sparse.csgraph import connected_components, dijkstra

from graph.projection import Floats, Ints, Matrix

UNREACHED = -1


def hops(ties: Matrix, source: int) -> Ints:
    """Return over how many ties everybody is reached from a source; -1: not at all.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> hops(csr_array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]), 0).tolist()
    [0, 1, -1]
    """
    found = dijkstra(ties, indices=source, unweighted=True)
    return np.where(np.isinf(found), UNREACHED, found).astype(np.int64)


def distances(ties: Matrix, source: int) -> Floats:
    """Return the least sum of weights to everybody from a source; infinite: there is no way.

    Parameters
    ----------
    ties : csr_array
        Weights are lengths, above 0.
    """
    return np.asarray(dijkstra(ties, indices=source), np.float64)


def components(ties: Matrix) -> Ints:
    """Return for everybody the least position of those who are connected, whatever the direction.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> components(csr_array([[0, 0, 0], [0, 0, 0], [1, 0, 0]])).tolist()
    [0, 1, 0]
    """
    if not ties.shape[0]:
        return np.empty(0, np.int64)
    _, label = connected_components(ties, directed=True, connection="weak")
    least = np.full(label.max() + 1, ties.shape[0], np.int64)
    np.minimum.at(least, label, np.arange(ties.shape[0]))
    return np.asarray(least[label], np.int64)
