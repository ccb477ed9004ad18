"""Noise has the distribution that its privacy is proved for, and releases cost what they cost."""

from collections import Counter
from datetime import UTC, datetime
from math import exp, tanh
from pathlib import Path

import pytest

from graph.crowd.budget import PrivacyBudget
from graph.crowd.noise import Noise, geometric, within
from graph.errors import BudgetSpent
from tests.village import KEY

JANUARY = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 2.0])
def test_the_quantiles_are_those_of_two_sided_geometric_noise(epsilon: float) -> None:
    """P(k) = tanh(e/2) exp(-e|k|), which sums to 1; neighbours differ by the factor exp(e)."""
    chances = 100_001
    seen = Counter(geometric(epsilon, (i + 0.5) / chances) for i in range(chances))
    for k in range(-20, 21):
        expected = tanh(epsilon / 2) * exp(-epsilon * abs(k))
        assert seen[k] / chances == pytest.approx(expected, abs=2e-5)
    width = within(epsilon, 0.05)
    assert sum(n for k, n in seen.items() if abs(k) > width) <= 0.05 * chances
    assert sum(n for k, n in seen.items() if abs(k) >= width) > 0.05 * chances


def test_an_interval_holds_the_true_count_as_often_as_it_says() -> None:
    noise = Noise(KEY, 0.5)
    told = [noise.estimate("density", f"cell {cell}", 500) for cell in range(2_000)]
    held = sum(one is not None and one.low <= 500 <= one.high for one in told)
    assert held >= 0.95 * 2_000 - 3 * (2_000 * 0.95 * 0.05) ** 0.5


def test_the_same_question_has_the_same_answer_and_few_are_not_told() -> None:
    noise = Noise(KEY, 1.0)
    assert noise.estimate("day 1", "a", 100) == noise.estimate("day 1", "a", 100)
    told = {noise.estimate("day 1", str(cell), 100) for cell in range(50)}
    assert len(told) > 5
    shown = [noise.estimate("day 1", str(cell), 15) for cell in range(2_000)]
    assert sum(one is not None for one in shown) <= 6  # 2 in the mean


def test_a_release_is_paid_once_a_month_until_nothing_is_left(tmp_path: Path) -> None:
    budget = PrivacyBudget(tmp_path / "crowd.sqlite", limit=1.0)
    assert budget.spend("shop", "day 1", 0.4, JANUARY) == pytest.approx(0.6)
    assert budget.spend("shop", "day 1", 0.4, JANUARY) == pytest.approx(0.6)
    assert budget.spend("shop", "day 2", 0.6, JANUARY) == 0.0
    for _ in range(2):
        with pytest.raises(BudgetSpent):
            budget.spend("shop", "day 3", 0.1, JANUARY)
    assert budget.spend("shop", "day 2", 0.6, JANUARY) == 0.0, "what was told stays free"
    assert budget.spend("cinema", "day 3", 0.1, JANUARY) == pytest.approx(0.9)
    february = datetime(2026, 2, 1, tzinfo=UTC)
    assert budget.spend("shop", "day 3", 0.1, february) == pytest.approx(0.9)
