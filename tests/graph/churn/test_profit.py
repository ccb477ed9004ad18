"""Profit against published implementations' numbers, and against a grid of thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from graph.churn.profit import Campaign, expected_profit, maximum_profit
from graph.errors import BadInput

LABELS = np.array([0, 1, 0, 1, 0, 1, 0, 1])
SCORES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])


def test_as_empulse_and_proflogit_have_it() -> None:
    """23.875593418348 by empulse 0.13.1 and by proflogit, which agree to 1e-14; MPC 23.875."""
    assert expected_profit(LABELS, SCORES).amount == pytest.approx(23.875593418348, abs=1e-12)
    assert maximum_profit(LABELS, SCORES).amount == pytest.approx(23.875, abs=1e-12)


def test_all_are_called_where_a_call_is_cheap() -> None:
    """200 of value, nothing to pay: 0.3 of the four leavers of eight, 30 each."""
    free = Campaign(offer=0, contact=0)
    assert maximum_profit(LABELS, SCORES, free).amount == pytest.approx(30)
    assert expected_profit(LABELS, SCORES, free).amount == pytest.approx(30)


def test_nobody_is_called_where_it_never_pays() -> None:
    dear = Campaign(contact=300)
    assert maximum_profit(LABELS, SCORES, dear).amount == 0
    assert maximum_profit(LABELS, SCORES, dear).share == 0
    assert expected_profit(LABELS, SCORES, dear).amount == 0


def test_scores_that_say_nothing_call_all_or_nobody() -> None:
    """All or nobody: 0.3 * 190 / 2 - 1 - 5 = 22.5 of all, in the mean of what accepts."""
    even = np.ones(8)
    assert maximum_profit(LABELS, even).amount == pytest.approx(22.5)
    assert maximum_profit(LABELS, even).share == 1


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_the_expectation_by_a_grid_of_thresholds(seed: int, people: int) -> None:
    """The best threshold for each share that accepts, integrated by scipy's quadrature."""
    rng = np.random.default_rng(seed)
    scores, labels = rng.integers(0, 9, people) / 8, np.arange(people) % 2 == 0
    plan = Campaign()
    levels = np.array([*np.unique(scores), 2.0])
    called = scores >= levels[:, None]
    kept, spoilt = (called & labels).mean(axis=1), (called & ~labels).mean(axis=1)

    def best(accepted: float) -> float:
        gain = (accepted * (plan.value - plan.offer) - plan.contact) * kept
        profit = float(np.max(gain - (plan.offer + plan.contact) * spoilt))
        return profit * float(beta.pdf(accepted, plan.alpha, plan.beta))

    expected = quad(best, 0, 1, limit=500, points=np.linspace(0.01, 0.9, 60))[0]
    assert expected_profit(labels, scores).amount == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("labels", [np.zeros(8), np.ones(8)])
def test_without_both_kinds_there_is_no_profit(labels: np.ndarray) -> None:
    with pytest.raises(BadInput, match="some who leave"):
        expected_profit(labels, SCORES)


@pytest.mark.parametrize("wrong", [{"value": 0.0}, {"offer": -1.0}, {"alpha": 0.0}])
def test_campaigns_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="above 0"):
        Campaign(**wrong)
