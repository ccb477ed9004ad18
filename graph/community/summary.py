"""What the ties say of each community."""

from dataclasses import dataclass

import numpy as np

from graph.projection import Floats, Ints, Matrix


@dataclass(frozen=True)
class Shape:
    """An array a measure, a community each.

    Attributes
    ----------
    size : array of int
        Members, at least 1.
    pairs : array of int
        Pairs of members who are in contact.
    density : array of float
        Share of the pairs of members who are in contact, 0 to 1; 0 of somebody alone.
    inner_share : array of float
        Share of the strength of members' ties that stays within, 0 to 1; 0 without ties.
    """

    size: Ints
    pairs: Ints
    density: Floats
    inner_share: Floats


def shapes(contacts: Matrix, community: Ints) -> Shape:
    """Return the shape of each community.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, weights above 0; nobody is in contact with themselves.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> found = shapes(csr_array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 0, 1]))
    >>> found.size.tolist(), found.pairs.tolist(), found.inner_share.round(2).tolist()
    ([2, 1], [1, 0], [0.67, 0.0])
    """
    size = np.bincount(community)
    number = len(size)
    rows = np.repeat(community, np.diff(contacts.indptr))
    inside = rows == community[contacts.indices]
    pairs = np.bincount(rows[inside], minlength=number) // 2
    possible = np.maximum(size * (size - 1) // 2, 1)
    total = np.bincount(rows, weights=contacts.data, minlength=number)
    inner = np.bincount(rows[inside], weights=contacts.data[inside], minlength=number)
    share = np.divide(inner, total, out=np.zeros(number), where=total > 0)
    return Shape(size, pairs, pairs / possible, share)
