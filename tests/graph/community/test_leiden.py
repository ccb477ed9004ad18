import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graph.community.leiden import communities, modularity
from graph.projection import Projection
from tests.graph.networks import as_networkx, networks


def _as_sets(community: np.ndarray) -> list[set[int]]:
    return [
        set(np.flatnonzero(community == number).tolist()) for number in range(community.max() + 1)
    ]


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees_on_modularity_and_connectedness(ties: Projection) -> None:
    contacts = ties.undirected("calls")
    found = communities(contacts)
    graph = as_networkx(contacts, is_directed=False)
    groups = _as_sets(found) if len(ties) else []
    assert sum(map(len, groups)) == len(ties)
    assert all(nx.is_connected(graph.subgraph(group)) for group in groups)
    if graph.number_of_edges():
        expected = nx.community.modularity(graph, groups)
        assert modularity(contacts, found) == pytest.approx(expected)


@given(ties=networks())
@settings(max_examples=30)
def test_wider_communities_are_divided_and_never_mixed(ties: Projection) -> None:
    contacts = ties.undirected("calls")
    wide = communities(contacts)
    narrow = communities(contacts, within=wide)
    assert len(set(zip(wide.tolist(), narrow.tolist(), strict=True))) == len(set(narrow.tolist()))


def test_the_karate_club_is_divided_as_well_as_it_can_be() -> None:
    """0.4449 (weighted) is the best modularity known of Zachary's karate club."""
    contacts = nx.to_scipy_sparse_array(nx.karate_club_graph(), dtype=float)
    found = communities(contacts)
    assert modularity(contacts, found) == pytest.approx(0.4449, abs=0.002)
    assert communities(contacts).tolist() == found.tolist()


def test_planted_cliques_are_found() -> None:
    """A ring of ten cliques of six; in a small ring, modularity keeps each apart."""
    contacts = nx.to_scipy_sparse_array(nx.ring_of_cliques(10, 6), dtype=float)
    found = communities(contacts)
    assert sorted(map(sorted, _as_sets(found))) == [
        list(range(6 * n, 6 * n + 6)) for n in range(10)
    ]
