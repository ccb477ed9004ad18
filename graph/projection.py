"""The social graph as arrays: who is in it, and every directed tie with its measures.

Everything that counts on the whole graph takes its arrays from here and knows nothing of where they
came from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.errors import BadInput, NotFound

Ints = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Matrix = Any  # scipy.sparse.csr_array, which has no types


@dataclass(frozen=True, eq=False)
class Projection:
    """The ties of a graph, or of a window of time.

    Attributes
    ----------
    keys : array of str
        The subscribers' keys, sorted; a subscriber is known by its position here.
    version : str
        Changes whenever the ties do.
    caller, callee : array of int32
        Positions of both ends of each directed tie, sorted by both, none twice.
    columns : Mapping
        Measures of the ties, by name: ``calls`` (attempts), ``messages``, ``duration_s``,
        ``missed``, ``active_days``, ``first_at`` and ``last_at`` (microseconds since 1970, UTC),
        and ``strength`` (above 0, up to 1).

    Examples
    --------
    >>> ties = Projection(
    ...     np.array(["ann", "bob"]), "1", np.array([0, 1]), np.array([1, 0]),
    ...     {"calls": np.array([3, 1])},
    ... )
    >>> ties.matrix("calls").toarray().tolist()
    [[0.0, 3.0], [1.0, 0.0]]
    >>> ties.undirected("calls").toarray().tolist()
    [[0.0, 4.0], [4.0, 0.0]]
    """

    keys: npt.NDArray[np.str_]
    version: str
    caller: Positions
    callee: Positions
    columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.keys)

    def positions(self, keys: Sequence[str]) -> Ints:
        """Return where some subscribers stand.

        Raises
        ------
        NotFound
            One of them is not in the graph; the message tells which by its place in ``keys``.
        """
        wanted = np.asarray(keys, dtype=np.str_)
        found = np.searchsorted(self.keys, wanted)
        inside = np.minimum(found, len(self.keys) - 1)
        is_known = self.keys[inside] == wanted if len(self.keys) else np.zeros(len(wanted), bool)
        if not is_known.all():
            first = int(np.flatnonzero(~is_known)[0]) + 1
            raise NotFound(f"subscriber {first} of {len(wanted)} named is not in the graph")
        return found.astype(np.int64)

    def weights(self, weight: str | None) -> Floats:
        """Return a weight for each tie: one of the columns; 1 for each where None.

        Raises
        ------
        BadInput
            There is no such column.
        """
        if weight is None:
            return np.ones(len(self.caller))
        if weight not in self.columns:
            known = ", ".join(sorted(self.columns))
            raise BadInput(f"ties have no measure {weight}; there are {known}")
        return self.columns[weight].astype(np.float64)

    def matrix(self, weight: str | None = "strength") -> Matrix:
        """Return the directed ties: rows are callers, columns are callees.

        A tie to oneself is left out, as it says nothing about others; so is one of weight 0.

        Raises
        ------
        BadInput
            There is no such measure.
        """
        values = self.weights(weight)
        kept = (self.caller != self.callee) & (values != 0)
        starts = np.searchsorted(self.caller[kept], np.arange(len(self) + 1))
        shape = (len(self), len(self))
        parts = (values[kept], self.callee[kept].astype(np.int32), starts.astype(np.int32))
        return sparse.csr_array(parts, shape=shape)

    def undirected(self, weight: str | None = "strength") -> Matrix:
        """Return the ties both ways: symmetric, the sum of both directions.

        Without a weight, whoever has a tie in either direction has one of 1.
        """
        directed = self.matrix(weight)
        both = sparse.csr_array(directed + directed.T)
        both.sort_indices()
        if weight is None:
            both.data[:] = 1.0
        return both

    @cached_property
    def contacts(self) -> Matrix:
        """The strengths of the ties both ways; kept for all who ask. Nobody may change them."""
        return self.undirected()

    @cached_property
    def last_at_us(self) -> int:
        """The last instant of any tie, in microseconds since 1970; 0: there is none."""
        return int(self.columns["last_at"].max()) if len(self.caller) else 0
