"""wvRN and nLB: by hand, against loops written from the paper, and at the optimum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from graph.churn.relational import LinkBased, link_counts, vote

_PEOPLE = 6
_one = st.integers(0, _PEOPLE - 1)
_ties = st.dictionaries(st.tuples(_one, _one), st.sampled_from([0.5, 1.0, 3.0]), max_size=12)
_known = st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=_PEOPLE, max_size=_PEOPLE)


def _dense(ties: dict[tuple[int, int], float]) -> np.ndarray:
    dense = np.zeros((_PEOPLE, _PEOPLE))
    for (one, other), weight in ties.items():
        if one != other:
            dense[one, other] = dense[other, one] = weight
    return dense


def test_a_vote_by_hand() -> None:
    """Of Ann's ties 3 are with Bob, who left, and 1 with Cyd, who did not; Dan has nobody."""
    ties = np.zeros((4, 4))
    ties[0, 1] = ties[1, 0] = 3
    ties[0, 2] = ties[2, 0] = 1
    found = vote(sparse.csr_array(ties), np.array([0.0, 1, 0, 0]))
    assert found.tolist() == [0.75, 0, 0, 0.25]
    counts = link_counts(sparse.csr_array(ties), np.array([np.nan, 1, 0, 0]))
    assert counts.tolist() == [[3, 1], [0, 0], [0, 0], [0, 0]]


def test_between_one_who_left_and_one_who_did_not() -> None:
    """Of three in a row between 0 and 1, by equal ties, the middle one is at a half by symmetry."""
    ties = np.diag(np.ones(4), 1)
    found = vote(sparse.csr_array(ties + ties.T), np.array([1, np.nan, np.nan, np.nan, 0]))
    assert found[2] == pytest.approx(0.5)
    assert found[1] + found[3] == pytest.approx(1)
    assert found[1] == pytest.approx(0.75, abs=0.01)  # harmonic, once it has settled


@given(_ties, _known)
def test_votes_are_those_of_plain_loops(
    ties: dict[tuple[int, int], float], known: list[float]
) -> None:
    weights, labels = _dense(ties), [each for each in known if not np.isnan(each)]
    prior = sum(labels) / len(labels) if labels else 0.0

    def voted(estimate: list[float], one: int) -> float:
        total = float(sum(weights[one]))
        return float(weights[one] @ np.array(estimate)) / total if total else prior

    estimate = [prior if np.isnan(each) else each for each in known]
    for turn in range(99):
        pace, before = 0.99**turn, estimate
        estimate = [
            pace * voted(before, one) + (1 - pace) * before[one] if np.isnan(label) else label
            for one, label in enumerate(known)
        ]
    expected = [voted(estimate, one) for one in range(_PEOPLE)]
    assert vote(sparse.csr_array(weights), np.array(known)) == pytest.approx(expected)


def test_links_are_learned_to_the_optimum() -> None:
    """At the least penalised loss its slope is 0: X'(y - p) = w, and of the constant 0."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(2, (500, 2)).astype(float)
    leaves = rng.random(500) < 1 / (1 + np.exp(2 - counts[:, 0]))
    model = LinkBased.learned(counts, leaves)
    short = leaves - model.risk(counts)
    assert np.log1p(counts).T @ short == pytest.approx(model.regression.coef_[0], abs=0.05)
    assert short.sum() == pytest.approx(0, abs=0.05)
    assert model.regression.coef_[0, 0] > 1 > abs(model.regression.coef_[0, 1])
