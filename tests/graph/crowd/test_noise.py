"""Noise has the distribution that its privacy is proved for, and releases cost what they cost."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from math import exp, tanh
from pathlib import Path

import pytest

from graph.crowd.budget import PrivacyBudget
from graph.crowd.noise import Noise, drawn, geometric, within
from graph.errors import BudgetSpent

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
    noise = Noise(0.5)
    told = [noise.count(500) for _ in range(2_000)]
    held = sum(one is not None and abs(one - 500) <= noise.width for one in told)
    assert held >= 0.95 * 2_000 - 4 * (2_000 * 0.95 * 0.05) ** 0.5


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 10.0])
def test_fewer_than_sixteen_are_told_at_most_once_in_a_million(epsilon: float) -> None:
    for members, chance in ((15, 1 - 1.1e-6), (0, 1 - 1e-6), (1, 1 - 1e-6)):
        assert Noise(epsilon, partial(float, chance)).count(members) is None
    assert Noise(epsilon, lambda: 0.5).count(5_000) == 5_000


def test_the_same_question_has_another_noise_each_time() -> None:
    assert len({Noise(1.0).count(100) for _ in range(50)}) > 4
    assert all(0 < drawn() < 1 for _ in range(100))
    for chance in (0.5 / 2**52, 1 - 0.5 / 2**52):
        assert abs(geometric(1.0, chance)) in {36, 37}  # ln 2^53 is 36.7


def test_answers_are_paid_for_until_nothing_is_left_of_a_month(tmp_path: Path) -> None:
    file = tmp_path / "crowd.sqlite"
    assert PrivacyBudget(file, limit=1.0).spend("shop", 0.4, JANUARY) == pytest.approx(0.6)
    budget = PrivacyBudget(file, limit=1.0)  # as after a restart
    assert budget.spend("shop", 0.4, JANUARY) == pytest.approx(0.2)
    for _ in range(2):
        with pytest.raises(BudgetSpent):
            budget.spend("shop", 0.4, JANUARY)
    assert budget.spend("shop", 0.2, JANUARY) == 0.0
    assert budget.spend("cinema", 0.1, JANUARY) == pytest.approx(0.9)
    february = datetime(2026, 2, 1, tzinfo=UTC)
    assert budget.spend("shop", 0.1, february) == pytest.approx(0.9)
