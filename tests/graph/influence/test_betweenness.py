import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graph.influence.betweenness import betweenness, dependencies
from graph.projection import Projection
from tests.graph.networks import as_networkx, networks


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees(ties: Projection) -> None:
    for matrix in (ties.matrix("calls"), ties.undirected("calls")):
        expected = nx.betweenness_centrality(as_networkx(matrix, is_directed=True))
        found = betweenness(matrix)
        assert found.values == pytest.approx([expected[one] for one in range(len(ties))])
        assert found.error == 0


@given(ties=networks())
@settings(max_examples=30)
def test_networkx_agrees_on_some_sources(ties: Projection) -> None:
    """Its sums over some sources are unscaled, as ours are."""
    graph = as_networkx(ties.matrix("calls"), is_directed=True)
    sources = list(range(0, len(ties), 2))
    expected = nx.betweenness_centrality_subset(graph, sources, list(graph))
    found = dependencies(ties.matrix("calls"), np.array(sources, np.int64))
    assert found == pytest.approx([expected[one] for one in range(len(ties))])


def test_a_sample_is_within_its_error_and_the_same_every_time() -> None:
    contacts = nx.to_scipy_sparse_array(nx.barabasi_albert_graph(400, 3, seed=2))
    exact, sampled = betweenness(contacts), betweenness(contacts, 200, exact_people=100)
    assert (exact.sources, sampled.sources) == (400, 200)
    # 400 / 399 * sqrt(ln(2 * 400 / 0.05) / (2 * 200)), by hand.
    assert sampled.error == pytest.approx(0.155956, abs=1e-6)
    assert np.abs(sampled.values - exact.values).max() < sampled.error
    again = betweenness(contacts, 200, exact_people=100)
    assert again.values.tolist() == sampled.values.tolist()
