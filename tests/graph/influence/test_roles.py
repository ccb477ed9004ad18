import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graph.community.leiden import communities
from graph.influence.betweenness import betweenness
from graph.influence.roles import Evidence, RoleRules, constraint, evidence, roles
from graph.projection import Matrix, Projection
from tests.graph.networks import as_networkx, networks


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees_on_constraint(ties: Projection) -> None:
    contacts = ties.undirected("calls")
    found = constraint(contacts)
    if not len(ties):  # networkx refuses nobody
        assert found.tolist() == []
        return
    expected = nx.constraint(as_networkx(contacts, is_directed=False), weight="weight")
    assert found == pytest.approx([expected[one] for one in range(len(ties))], nan_ok=True)


def _told(graph: nx.Graph) -> list[str]:
    contacts: Matrix = nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=float)
    group = communities(contacts)
    found = evidence(contacts, contacts, group, betweenness(contacts).values)
    names: list[str] = roles(found).tolist()
    return names


def test_everybody_plays_their_part() -> None:
    """Two cliques of 20 held together by one broker; one with one contact, and one with none."""
    graph = nx.disjoint_union(nx.complete_graph(20), nx.complete_graph(20))
    graph.add_edges_from([(40, 0), (40, 20), (41, 1)])
    graph.add_node(42)
    told = _told(graph)
    assert (told[40], told[41], told[42]) == ("broker", "outlier", "outlier")
    assert told[2] == "member"


def test_whoever_has_far_more_contacts_than_the_rest_is_a_hub() -> None:
    assert _told(nx.star_graph(12))[0] == "hub"


def test_the_first_role_that_fits_is_told() -> None:
    """An outlier, a hub, a broker, two who are bound or not between, and so bridges, a member."""
    found = Evidence(
        contacts=np.array([1, 9, 9, 9, 9, 9]),
        within_z=np.array([3.0, 3.0, 2.4, 0.0, 0.0, 0.0]),
        participation=np.array([0.9, 0.9, 0.9, 0.9, 0.9, 0.4]),
        constraint=np.array([0.1, 0.1, 0.1, 0.9, np.nan, 0.1]),
        betweenness=np.array([0.9, 0.9, 0.9, 0.9, 0.0, 0.0]),
    )
    rules = RoleRules(broker_share=0.8)
    told = roles(found, rules).tolist()
    assert told == ["outlier", "hub", "broker", "bridge", "bridge", "member"]
