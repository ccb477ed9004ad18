"""Parts of the ties, against networkx's ego graphs."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadInput, NotFound
from graph.projection import Projection
from graph.tie.part import Part, part_of

_PEOPLE = 8


def _ties(pairs: list[tuple[int, int]]) -> Projection:
    ends = np.array(sorted(set(pairs)), np.int32).reshape(-1, 2)
    calls = np.arange(len(ends))
    keys = np.array([f"p{one}" for one in range(_PEOPLE)])
    return Projection(keys, "1", ends[:, 0], ends[:, 1], {"calls": calls})


def _edges(ties: Projection) -> set[tuple[str, str]]:
    return set(zip(ties.keys[ties.caller].tolist(), ties.keys[ties.callee].tolist(), strict=True))


_one = st.integers(0, _PEOPLE - 1)


@given(st.lists(st.tuples(_one, _one), max_size=20), _one, st.integers(0, 3))
def test_around_somebody_is_networkx_ego_graph(
    pairs: list[tuple[int, int]], seed: int, hops: int
) -> None:
    ties = _ties(pairs)
    whole = nx.DiGraph()
    whole.add_nodes_from(ties.keys.tolist())
    whole.add_edges_from(_edges(ties))
    ego = nx.ego_graph(whole, f"p{seed}", hops, undirected=True)
    found = part_of(ties, Part([f"p{seed}"], hops))
    assert set(found.keys.tolist()) == set(ego.nodes)
    assert _edges(found) == set(ego.edges)


def test_weak_ties_lead_nowhere() -> None:
    ties = _ties([(0, 1), (1, 2), (2, 3)])
    found = part_of(ties, Part(["p3"], 3, {"calls": 1}))
    assert (found.keys.tolist(), _edges(found)) == (
        ["p1", "p2", "p3"],
        {("p1", "p2"), ("p2", "p3")},
    )
    assert found.columns["calls"].tolist() == [1, 2]
    everybody = part_of(ties, Part(least={"calls": 9}))
    assert (len(everybody), len(everybody.caller)) == (_PEOPLE, 0)


def test_what_is_not_there_is_told() -> None:
    ties = _ties([(0, 1)])
    with pytest.raises(NotFound):
        part_of(ties, Part(["nobody"]))
    with pytest.raises(BadInput, match="no measure love"):
        part_of(ties, Part(least={"love": 1}))
    with pytest.raises(BadInput, match="hops"):
        part_of(ties, Part(["p0"], -1))
