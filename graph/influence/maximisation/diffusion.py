"""How something passes along ties: a probability, or a weight, for each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from graph.errors import BadInput
from graph.projection import Floats, Ints, Matrix, Positions

Model = Literal["cascade", "threshold"]
Hints = tuple[Floats, ...]
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Ends:
    """The ties at each node, from one of their two sides.

    Attributes
    ----------
    starts : array of int64
        Where each node's ties begin, and where the last one's end.
    other : array of int32
        The node at the other end of each.
    passing : array
        What each tie passes with; of incoming ties of a node the likeliest first.
    """

    starts: Ints
    other: Positions
    passing: Floats


@dataclass(frozen=True, eq=False)
class Diffusion:
    """Ties along which something passes, under one of the two models.

    Attributes
    ----------
    model : {"cascade", "threshold"}
        What the numbers mean: the probability that something passes, each tie for itself, or the
        weight of a tie at the node that it leads to, where weights are at most 1 in all.
    outgoing, incoming : Ends
        The same ties by whom they come from, and by whom they lead to.
    """

    model: Model
    outgoing: Ends
    incoming: Ends

    def __len__(self) -> int:
        return len(self.incoming.starts) - 1

    @cached_property
    def hints(self) -> Hints:
        """What makes drawing incoming ties fast, an entry a tie in each array.

        Of a cascade 1 / ln(1 - p), by which one jumps to the next tie that passes, and the chance
        that none of the node's ties from this one on would pass, were each as likely as it. Of
        thresholds the running sum of a node's weights.
        """
        starts, passing = self.incoming.starts, self.incoming.passing
        counts = np.diff(starts)
        if self.model == "cascade":
            ends = np.repeat(starts[1:], counts)
            with np.errstate(divide="ignore"):
                jump = 1.0 / np.log1p(-passing)
            return jump, (1.0 - passing) ** (ends - np.arange(len(passing)))
        total = np.cumsum(passing)
        before = np.concatenate([[0.0], total])[starts[:-1]]
        return (total - np.repeat(before, counts),)


def diffusion(passing: Matrix, model: Model = "cascade") -> Diffusion:
    """Return the diffusion along ties whose rows are whom they come from.

    A tie to oneself is left out, as whoever has something cannot get it again; so is one of 0.

    Raises
    ------
    BadInput
        A number is not in [0, 1], the matrix is not square, or weights of thresholds that lead to
        one node are more than 1 in all.
    """
    rows, columns = passing.shape
    if rows != columns:
        raise BadInput("ties are not given as a square matrix")
    ties = sparse.coo_array(passing)
    if not np.all((ties.data >= 0) & (ties.data <= 1)):  # NaN is in no range
        raise BadInput("a tie passes with less than 0, more than 1, or no number")
    kept = (ties.row != ties.col) & (ties.data > 0)
    parts = (ties.data[kept].astype(np.float64), (ties.row[kept], ties.col[kept]))
    directed = sparse.csr_array(parts, shape=(rows, rows))
    if model == "threshold" and (directed.sum(axis=0) > 1 + _ROUNDING).any():
        raise BadInput("weights of the ties to a node are more than 1 in all")
    incoming = directed.tocsc()
    return Diffusion(model, _ends(directed), _by_passing(_ends(incoming)))


def by_indegree(ties: Matrix) -> Matrix:
    """Return ties that pass with 1 by the number of ties to whom they lead (weighted cascade).

    Examples
    --------
    >>> by_indegree(sparse.csr_array([[0, 1, 4], [0, 0, 2], [0, 0, 0]])).toarray().tolist()
    [[0.0, 1.0, 0.5], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]]
    """
    return by_share(sparse.csr_array((ties != 0).astype(np.float64)))


def by_share(ties: Matrix) -> Matrix:
    """Return ties that pass with their share in the weight of all ties to whom they lead.

    As weights of thresholds, these are 1 in all at whoever has any.
    """
    total = ties.sum(axis=0)
    scale = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    return sparse.csr_array(ties @ sparse.dia_array((scale[None, :], [0]), shape=ties.shape))


def _ends(ties: Matrix) -> Ends:
    return Ends(ties.indptr.astype(np.int64), ties.indices.astype(np.int32), ties.data)


def _by_passing(ends: Ends) -> Ends:
    """Put the likeliest of each node's ties first, where they do not stand so already."""
    node = np.repeat(np.arange(len(ends.starts) - 1), np.diff(ends.starts))
    if not ((np.diff(ends.passing) > 0) & (np.diff(node) == 0)).any():
        return ends
    order = np.lexsort((-ends.passing, node))
    return Ends(ends.starts, ends.other[order], ends.passing[order])
