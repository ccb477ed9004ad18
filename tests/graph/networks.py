"""Small random networks for hypothesis, as matrices and as networkx has them."""

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from graph.projection import Matrix, Projection

Edge = tuple[int, int, int]


@st.composite
def networks(draw: st.DrawFn, most: int = 12) -> Projection:
    """Draw a directed network: also an empty one, in pieces, of people alone or with themselves."""
    people = draw(st.integers(0, most))
    ends = st.integers(0, max(0, people - 1))
    pairs = draw(st.dictionaries(st.tuples(ends, ends), st.integers(1, 9), max_size=4 * people))
    ordered = sorted(pairs) if people else []
    return Projection(
        np.array([f"{number:02d}" for number in range(people)], np.str_),
        "1",
        np.array([one for one, _ in ordered], np.int32),
        np.array([other for _, other in ordered], np.int32),
        {"calls": np.array([pairs[pair] for pair in ordered], np.int64)},
    )


def as_networkx(ties: Matrix, *, is_directed: bool) -> nx.Graph:
    """Return a matrix as a networkx graph with ``weight``."""
    kind = nx.DiGraph if is_directed else nx.Graph
    return nx.from_scipy_sparse_array(sparse.csr_array(ties), create_using=kind)
