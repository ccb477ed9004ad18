"""Intervals against published ones, and against simulated populations."""

import numpy as np
import pytest

from graph.insight.interval import growth, mean, share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I, score method without correction."""
    told = share(part, whole)
    assert told.value == part / whole
    assert [told.low, told.high] == pytest.approx([low, high], abs=5e-5)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Means of an exponential distribution, and growth where 30 stay, 10 go and 20 come."""
    random = np.random.default_rng(3)
    means = [mean(random.exponential(5, 200).tolist()) for _ in range(1_000)]
    assert 0.92 < np.mean([told.low <= 5 <= told.high for told in means]) < 0.98
    grown = []
    for _ in range(1_000):
        stayed, gone, come = 300, int(random.poisson(100)), int(random.poisson(200))
        grown.append(growth(stayed + gone, stayed + come, stayed))
    assert 0.92 < np.mean([told.low <= 0.25 <= told.high for told in grown]) < 0.98
