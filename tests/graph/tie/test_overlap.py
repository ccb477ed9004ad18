import networkx as nx
import pytest
from hypothesis import given, settings

from graph.projection import Projection
from graph.tie.overlap import clustering, overlaps
from tests.graph.networks import as_networkx, networks


@given(ties=networks())
@settings(max_examples=60)
def test_overlap_is_what_sets_of_contacts_have_in_common(ties: Projection) -> None:
    contacts = ties.undirected(None)
    graph = as_networkx(contacts, is_directed=False)
    around = {one: set(nx.neighbors(graph, one)) for one in range(len(ties))}
    found = overlaps(contacts)
    for one in range(len(ties)):
        for at in range(contacts.indptr[one], contacts.indptr[one + 1]):
            other = contacts.indices[at]
            ours, theirs = around[one] - {other}, around[other] - {one}
            share = len(ours & theirs) / len(ours | theirs) if ours | theirs else 0
            assert found[at] == pytest.approx(share)


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees_on_clustering(ties: Projection) -> None:
    contacts = ties.undirected(None)
    graph = as_networkx(contacts, is_directed=False)
    found = clustering(contacts, contacts)
    assert found == pytest.approx([nx.clustering(graph, one) for one in range(len(ties))])
