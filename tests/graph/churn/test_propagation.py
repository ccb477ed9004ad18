"""Spreading activation: against worked examples, a dense recurrence and networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from graph.churn.propagation import Matrix, Spreading, largest, propagate
from graph.errors import BadInput


def tied(people: int, *ties: tuple[int, int, float]) -> Matrix:
    """Return symmetric weights of some ties."""
    dense = np.zeros((people, people))
    for one, other, weight in ties:
        dense[one, other] = dense[other, one] = weight
    return sparse.csr_array(dense)


PATH = tied(4, (0, 1, 3), (1, 2, 1), (2, 3, 2))
ANN = np.array([1.0, 0, 0, 0])


def test_the_fixed_point_of_a_path() -> None:
    """(39, 20, 3, 1)/63: solved by hand from E = (I - P'/2)^-1 A / 2."""
    spread = propagate(PATH, ANN, Spreading(0.5, accuracy=1e-15))
    assert spread.energy == pytest.approx(np.array([39, 20, 3, 1]) / 63, abs=1e-12)


def test_two_steps_on_a_path() -> None:
    """By hand: Ann gives Bob 1/2; Bob gives Ann 3/4 and Cai 1/4 of a half of it."""
    spread = propagate(PATH, ANN, Spreading(0.5, hops=2))
    assert spread.arrivals(1).tolist() == [0, 0.5, 0, 0]
    assert spread.arrivals(2).tolist() == [3 / 16, 0, 1 / 16, 0]
    assert spread.energy.tolist() == [0.5 + 3 / 16, 0.25, 1 / 16, 0]


def test_even_shares_do_not_look_at_weights() -> None:
    """Bob gives Ann and Cai a half each of his half."""
    spread = propagate(PATH, ANN, Spreading(0.5, "even", hops=2))
    assert spread.arrivals(2).tolist() == [0.125, 0, 0.125, 0]


def test_receivers_take_what_the_giver_means_to_them() -> None:
    """Ann is 3/4 of Bob's ties; Bob is all of Ann's and 1/3 of Cai's."""
    spread = propagate(PATH, ANN, Spreading(0.5, "receiver", hops=2))
    assert spread.arrivals(1).tolist() == [0, 0.375, 0, 0]
    assert spread.arrivals(2) == pytest.approx([0.1875, 0, 0.0625, 0])


def test_decay_takes_its_share_of_each_step() -> None:
    """A half of a half arrives: 1/4, then 1/4 of its quarter and of its three quarters."""
    spread = propagate(PATH, ANN, Spreading(0.5, decay=0.5, hops=2))
    assert spread.arrivals(1).tolist() == [0, 0.25, 0, 0]
    assert spread.arrivals(2).tolist() == [3 / 64, 0, 1 / 64, 0]


def test_who_was_reached_by_whom() -> None:
    """Cai and Dee left: Bob hears of it from Cai, in the first step and alone."""
    spread = propagate(PATH, np.array([0, 0, 1.0, 1]), Spreading(0.5, hops=3))
    (cai, dee, bob) = spread.reached(1, 5)
    assert (cai.position, cai.energy, cai.givers) == (2, 0.5, ((3, 0.5),))
    assert (dee.position, bob.position) == (3, 1)
    assert np.array([*dee.givers, *bob.givers]) == pytest.approx(np.array([[2, 1 / 3], [2, 1 / 6]]))
    assert [each.position for each in spread.reached(1, 2)] == [2, 3]
    assert [each.position for each in spread.reached(0, 5)] == [2, 3]


def test_the_way_of_the_most_energy() -> None:
    spread = propagate(PATH, ANN)
    assert spread.path(3) == [(0, 1.0), (1, 0.5), (2, 1 / 16), (3, pytest.approx(1 / 48))]
    assert spread.path(0) == [(0, 1.0)]


def test_a_way_of_many_steps() -> None:
    """The end of a path of 30 is reached in step 29, though few steps are looked at first."""
    long = tied(30, *((at, at + 1, 1.0) for at in range(29)))
    spread = propagate(long, np.eye(30)[0], Spreading(0.9))
    assert [position for position, _ in spread.path(29)] == list(range(30))


def test_whoever_has_no_tie_keeps_what_they_had() -> None:
    lonely = tied(4, (0, 1, 1.0))
    spread = propagate(lonely, np.array([1.0, 0, 1, 0]))
    assert spread.energy[2:].tolist() == [1, 0]
    assert spread.path(2) == [(2, 1.0)]
    assert spread.path(3) == []


def test_energy_stays_in_its_component() -> None:
    spread = propagate(tied(4, (0, 1, 1.0), (2, 3, 1.0)), ANN)
    assert spread.energy[2:].tolist() == [0, 0]
    assert spread.energy.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("seeds", "reason"),
    [
        (np.zeros(4), "no seed"),
        (np.array([1.0, 0]), "for each"),
        (np.array([1.0, -1, 0, 0]), "no seed"),
    ],
)
def test_seeds_that_cannot_be(seeds: np.ndarray, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        propagate(PATH, seeds)


@pytest.mark.parametrize(
    "wrong", [{"factor": 1.1}, {"factor": -0.1}, {"decay": 0}, {"hops": -1}, {"factor": 1.0}]
)
def test_parameters_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Spreading(**wrong)  # type: ignore[arg-type]  # each is a number of its own kind


def test_all_is_passed_on_where_the_factor_is_one() -> None:
    assert propagate(PATH, ANN, Spreading(1.0, hops=1)).energy.tolist() == [0, 1, 0, 0]


def test_nothing_spreads_where_nothing_is_passed_on() -> None:
    assert propagate(PATH, ANN, Spreading(0.0)).energy.tolist() == ANN.tolist()


@given(st.integers(0, 10_000), st.floats(0.05, 0.9), st.integers(2, 12))
def test_networkx_walks_alike(seed: int, factor: float, people: int) -> None:
    """A random walk with restart, as ``networkx.pagerank`` has it, where all have a contact."""
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.integers(0, 4, (people, people)), 1).astype(float)
    weights[0, 1:] += 1  # connected
    ties = sparse.csr_array(weights + weights.T)
    seeds = np.zeros(people)
    seeds[seed % people] = 1
    walk = nx.pagerank(
        nx.from_scipy_sparse_array(ties),
        alpha=factor,
        personalization={seed % people: 1},
        tol=1e-12,
        max_iter=1_000,
    )
    spread = propagate(ties, seeds, Spreading(factor, accuracy=1e-12))
    assert spread.energy == pytest.approx([walk[at] for at in range(people)], abs=1e-9)
    assert spread.energy.sum() == pytest.approx(1)


def test_the_largest_of_few() -> None:
    assert largest(np.array([1.0, 0, 5, 5]), 3).tolist() == [2, 3, 0]
    assert largest(np.array([1.0, 0]), 5).tolist() == [0]
    assert largest(np.array([1.0]), 0).tolist() == []
