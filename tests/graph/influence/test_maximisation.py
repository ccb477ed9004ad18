"""Influence maximisation: simulation and estimates against all outcomes, and public numbers."""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from graph.errors import BadInput
from graph.influence.maximisation.cascade import simulate
from graph.influence.maximisation.degree import by_degree, by_discount
from graph.influence.maximisation.diffusion import Diffusion, by_indegree, by_share, diffusion
from graph.influence.maximisation.greedy import cover
from graph.influence.maximisation.imm import imm
from graph.influence.maximisation.opim import opim
from graph.influence.maximisation.reverse import Sets, draw_sets
from graph.projection import Floats, Matrix

_FEW = settings(max_examples=12, derandomize=True)


@st.composite
def small_ties(draw: st.DrawFn) -> Floats:
    """Return up to seven ties among four or five nodes, with what each passes with."""
    nodes = draw(st.integers(4, 5))
    pairs = [(i, j) for i in range(nodes) for j in range(nodes) if i != j]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=7, unique=True))
    passing = np.zeros((nodes, nodes))
    for pair in chosen:
        passing[pair] = draw(st.sampled_from([0.1, 0.3, 0.5, 0.9, 1.0]))
    return passing


def all_cascades(passing: Floats, seeds: list[int]) -> Floats:
    """Return the probability that each node is reached, from every way in which ties can pass."""
    ties = np.argwhere(passing)
    chances = np.zeros(len(passing))
    for passes in product([False, True], repeat=len(ties)):
        live, chance = np.zeros(passing.shape, bool), 1.0
        for (i, j), does in zip(ties, passes, strict=True):
            live[i, j] = does
            chance *= passing[i, j] if does else 1 - passing[i, j]
        chances += chance * _reached(live, seeds)
    return chances


def all_thresholds(weights: Floats, seeds: list[int]) -> Floats:
    """Return the same of thresholds: each node takes it from one other by weight, or from nobody.

    That this is what thresholds come to is theorem 2.5 of Kempe, Kleinberg and Tardos.
    """
    nodes = len(weights)
    options = [[*np.flatnonzero(weights[:, j]), -1] for j in range(nodes)]
    chances = np.zeros(nodes)
    for origins in product(*options):
        live, chance = np.zeros(weights.shape, bool), 1.0
        for j, i in enumerate(origins):
            chance *= weights[i, j] if i >= 0 else 1 - weights[:, j].sum()
            if i >= 0:
                live[i, j] = True
        chances += chance * _reached(live, seeds)
    return chances


def _reached(live: np.ndarray, seeds: list[int]) -> np.ndarray:
    found = np.zeros(len(live), bool)
    found[seeds] = True
    for _ in range(len(live)):
        found |= live[found].any(axis=0)
    return found


def in_sets(spread: Diffusion, node: int, seed: int, weights: Floats | None = None) -> float:
    """Return in which share of sets a node is."""
    return draw_sets(spread, 5_000, seed, 0, weights).covered(np.array([node])) / 5_000


@_FEW
@given(small_ties(), st.integers(0, 3), st.integers(0, 99))
def test_cascades_agree_with_all_outcomes(passing: Floats, node: int, seed: int) -> None:
    """Five standard errors, of which a run of these fixed examples needs no more than four."""
    truth = all_cascades(passing, [node])
    spread = diffusion(sparse.csr_array(passing))
    worth = np.arange(1.0, len(passing) + 1)
    told = simulate(spread, np.array([node]), 5_000, seed, worth)
    assert told.mean == pytest.approx(truth @ worth, abs=2.6 * told.half_width + 1e-9)
    for weights, expected in [(None, truth.mean()), (worth, truth @ worth / worth.sum())]:
        error = np.sqrt(expected * (1 - expected) / 5_000)
        found = in_sets(spread, node, seed, weights)
        assert found == pytest.approx(expected, abs=5 * error + 1e-9)


@_FEW
@given(small_ties(), st.integers(0, 3), st.integers(0, 99))
def test_thresholds_agree_with_all_outcomes(ties: Floats, node: int, seed: int) -> None:
    weights = 0.9 * by_share(sparse.csr_array(ties)).toarray()
    truth = all_thresholds(weights, [node])
    spread = diffusion(sparse.csr_array(weights), "threshold")
    told = simulate(spread, np.array([node]), 5_000, seed)
    assert told.mean == pytest.approx(truth.sum(), abs=2.6 * told.half_width + 1e-9)
    error = np.sqrt(truth.mean() * (1 - truth.mean()) / 5_000)
    assert in_sets(spread, node, seed) == pytest.approx(truth.mean(), abs=5 * error + 1e-9)


@_FEW
@given(
    st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=12),
    st.lists(st.integers(1, 4), min_size=6, max_size=6),
    st.integers(0, 9),
)
def test_a_cover_is_within_its_bounds(
    chosen: list[set[int]], costs: list[int], budget: int
) -> None:
    """Against the best of all choices, found by trying each."""
    members = [sorted(each) for each in chosen]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in members])])
    sets = Sets(6, starts, np.concatenate(members).astype(np.int32))
    found = cover(sets, np.array(costs, np.float64), budget)
    best = max(
        sum(bool(each & set(some)) for each in chosen)
        for count in range(7)
        for some in combinations(range(6), count)
        if sum(costs[node] for node in some) <= budget
    )
    assert sum(costs[node] for node in found.chosen) <= budget
    assert found.covered == sum(bool(each & set(found.chosen.tolist())) for each in chosen)
    assert (1 - np.exp(-1)) / 2 * best <= found.covered <= best <= found.most + 1e-9


@pytest.fixture(scope="module")
def hep(shared_data: Path) -> Matrix:
    """Return NetHEPT as a simple undirected graph: 15,233 nodes, 31,376 ties both ways."""
    pairs = np.loadtxt(shared_data / "nethept" / "hep.txt", dtype=np.int64, skiprows=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    ties = sparse.coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (15_233, 15_233))
    simple = ties.tocsr()
    simple.data[:] = 1.0
    return simple


def test_imm_reaches_on_nethept_what_is_published(hep: Matrix) -> None:
    """IMM's paper, figure 5a, reads about 960 at 50 seeds; two million sets by others gave 965.8.

    Seeds by degree reach about 848 (847.7 +- 0.7 by an independent program).
    """
    spread = diffusion(by_indegree(hep))
    assert hep.nnz == 62_752
    best = imm(spread, 50, 0.1)
    told = simulate(spread, best.chosen, 2_000, seed=1)
    assert told.mean - told.half_width >= 958
    assert told.mean >= 962
    assert best.spread.mean == pytest.approx(told.mean, abs=10)
    plain = simulate(spread, by_degree(spread, 50), 2_000, seed=1)
    assert plain.mean == pytest.approx(848, abs=5)
    discounted = simulate(spread, by_discount(spread, 50, 0.01), 2_000, seed=1)
    assert plain.mean < discounted.mean < told.mean


@pytest.mark.parametrize("seed", range(3))
def test_what_opim_certifies_holds_on_nethept(hep: Matrix, seed: int) -> None:
    """Nobody reaches more than 970 with 50 seeds, by all that is published and measured."""
    spread = diffusion(by_indegree(hep))
    found = opim(spread, 50, 0.1, seed=seed)
    told = simulate(spread, found.chosen, 2_000, seed=1)
    assert found.ratio >= 1 - np.exp(-1) - 0.1
    assert told.mean >= found.ratio * 970
    assert abs(found.spread.mean - told.mean) <= 2 * found.spread.half_width


def test_weights_draw_the_choice_to_where_they_are() -> None:
    """Two stars that pass for certain: of five leaves, and of two that count for ten each."""
    ties = np.zeros((9, 9))
    ties[0, 1:6] = ties[6, 7:9] = 1
    spread = diffusion(sparse.csr_array(ties))
    worth = np.array([1.0] * 7 + [10.0] * 2)
    for choose in (imm, opim):
        assert choose(spread, 1).chosen.tolist() == [0]
        assert choose(spread, 1).spread.mean == pytest.approx(6, abs=0.5)
        assert choose(spread, 1, weights=worth).chosen.tolist() == [6]
        assert choose(spread, 1, weights=worth).spread.mean == pytest.approx(21, abs=1.5)


def test_the_answer_depends_on_the_seed_alone(hep: Matrix) -> None:
    spread = diffusion(by_indegree(hep))
    first, again = draw_sets(spread, 3_000, 7), draw_sets(spread, 3_000, 7)
    later = draw_sets(spread, 1_000, 7, first=2_000)
    assert first.members.tolist() == again.members.tolist()
    assert first.members[first.starts[2_000] :].tolist() == later.members.tolist()


def test_edges_of_what_can_be_asked() -> None:
    """No seeds reach nobody, and alone one reaches oneself; a tie to oneself changes nothing."""
    alone = diffusion(sparse.csr_array(np.diag([0.5, 0.5, 0.5])))
    assert simulate(alone, np.array([], np.int64), 2).mean == 0
    assert simulate(alone, np.array([1]), 2).mean == 1
    assert imm(alone, 0).chosen.tolist() == opim(alone, 0).chosen.tolist() == []
    assert sorted(imm(alone, 7).chosen) == sorted(opim(alone, 7).chosen) == [0, 1, 2]
    with pytest.raises(BadInput, match="passes with"):
        diffusion(sparse.csr_array(np.array([[0, 1.5], [0, 0]])))
    with pytest.raises(BadInput, match="more than 1 in all"):
        diffusion(sparse.csr_array(np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]])), "threshold")
    with pytest.raises(BadInput, match="outside the graph"):
        simulate(alone, np.array([3]), 2)
    with pytest.raises(BadInput, match="nobody"):
        imm(diffusion(sparse.csr_array((0, 0))), 1)
    with pytest.raises(BadInput, match="epsilon"):
        opim(alone, 1, 0.9)
    with pytest.raises(BadInput, match="budget"):
        cover(draw_sets(alone, 5, 0), None, -1)
    with pytest.raises(BadInput, match="weights"):
        draw_sets(alone, 5, 0, weights=np.zeros(3))
