import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from graph.influence.pagerank import pagerank, ranks
from graph.projection import Projection
from tests.graph.networks import as_networkx, networks


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees(ties: Projection) -> None:
    matrix = ties.matrix("calls")
    expected = nx.pagerank(as_networkx(matrix, is_directed=True), tol=1e-14, max_iter=1_000)
    found = pagerank(matrix, tolerance=1e-14)
    assert found == pytest.approx([expected[one] for one in range(len(ties))], abs=1e-10)


def test_whoever_is_alone_has_what_falls_to_everybody() -> None:
    """By symmetry: three who know nobody share alike."""
    assert pagerank(sparse.csr_array((3, 3))).tolist() == pytest.approx([1 / 3] * 3)


def test_ranks_count_from_1_and_equals_share() -> None:
    rank, percentile = ranks(np.array([0.1, 0.4, 0.4, 0.1, 0.0]))
    assert rank.tolist() == [3, 1, 1, 3, 5]
    assert percentile.tolist() == [25.0, 75.0, 75.0, 25.0, 0.0]


def test_one_alone_is_first() -> None:
    rank, percentile = ranks(np.array([1.0]))
    assert (rank.tolist(), percentile.tolist()) == ([1], [0.0])
