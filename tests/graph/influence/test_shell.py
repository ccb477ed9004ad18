import math

import networkx as nx
import numpy as np
from hypothesis import given, settings
from scipy import sparse

from graph.influence.shell import shells, weighted_shells
from graph.projection import Matrix, Projection
from tests.graph.networks import as_networkx, networks


@given(ties=networks())
@settings(max_examples=60)
def test_networkx_agrees(ties: Projection) -> None:
    contacts = ties.undirected(None)
    expected = nx.core_number(as_networkx(contacts, is_directed=False))
    assert shells(contacts).tolist() == [expected[one] for one in range(len(ties))]


@given(ties=networks(8))
@settings(max_examples=60)
def test_weighted_shells_are_what_peeling_by_hand_leaves(ties: Projection) -> None:
    contacts = ties.undirected("calls")
    assert weighted_shells(contacts).tolist() == _peeled(contacts)


def _peeled(contacts: Matrix) -> list[int]:
    """Take away, level by level, whoever counts for no more than the level."""
    weights = contacts.toarray()
    weights = weights / (weights[weights > 0].mean() if weights.any() else 1)
    left, shell, level = set(range(len(weights))), [0] * len(weights), 0
    while left:
        rows = {one: [weights[one][other] for other in left] for one in left}
        worth = {
            one: math.sqrt(sum(weight > 0 for weight in row) * sum(row))
            for one, row in rows.items()
        }
        gone = {one for one in left if worth[one] <= level + 1e-6}
        for one in gone:
            shell[one] = level
        left -= gone
        level += 0 if gone else 1
    return shell


def test_equal_weights_give_the_plain_shells() -> None:
    """Two triangles with a tie between them, and one more contact: 2, and 1 for the last."""
    pairs = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5), (5, 6)]
    one, other = zip(*pairs, strict=True)
    half = sparse.csr_array((np.full(8, 3.0), (one, other)), shape=(7, 7))
    both = sparse.csr_array(half + half.T)
    assert weighted_shells(both).tolist() == [2, 2, 2, 2, 2, 2, 1]
