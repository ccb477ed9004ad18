"""Measures of scores against scikit-learn, a plain bootstrap, and numbers by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from graph.churn.evaluation import auc, auc_gain, bootstrapped, evaluate, lift
from graph.errors import BadInput

RNG = np.random.default_rng(3)
LABELS = RNG.random(2_000) < 0.1
GOOD = LABELS + RNG.normal(0, 1, 2_000)
ROUNDED = np.round(LABELS * 0.5 + RNG.normal(0, 1, 2_000), 1)


@pytest.mark.parametrize("scores", [GOOD, ROUNDED])
def test_the_area_is_as_scikit_learn_has_it(scores: np.ndarray) -> None:
    assert auc(LABELS, scores).value == pytest.approx(roc_auc_score(LABELS, scores), abs=1e-12)


def test_the_interval_is_as_wide_as_a_bootstrap_s() -> None:
    """DeLong's variance is about that of areas over people drawn anew."""
    found = auc(LABELS, GOOD)
    drawn = bootstrapped(lambda who, scores: float(roc_auc_score(who, scores)), LABELS, GOOD)
    assert found.high - found.low == pytest.approx(drawn.high - drawn.low, rel=0.2)


def test_of_the_same_people_a_small_gain_is_seen() -> None:
    """Each area alone is not known so well as their difference."""
    better = GOOD + 0.05 * LABELS
    gain = auc_gain(LABELS, better, GOOD)
    assert 0 < gain.low < gain.value < gain.high
    assert gain.high - gain.low < 0.2 * (auc(LABELS, GOOD).high - auc(LABELS, GOOD).low)
    assert auc_gain(LABELS, GOOD, GOOD).value == 0


def test_lift_by_hand() -> None:
    """Ten, of whom the first and the third by score left: of the first two, one; half of it."""
    scores = np.arange(10, 0, -1) / 10
    left = np.isin(np.arange(10), [0, 2])
    assert lift(left, scores, 0.2) == pytest.approx(0.5 / 0.2)
    assert lift(left, np.ones(10), 0.2) == pytest.approx(1)


def test_all_at_once() -> None:
    found = evaluate(LABELS, GOOD)
    assert found.subscribers == 2_000
    assert found.leavers == LABELS.sum()
    for each in (found.auc, found.lift, found.empc):
        assert each.low < each.value < each.high
    assert 0 < found.called < 1


@pytest.mark.parametrize("labels", [np.zeros(3), np.ones(3)])
def test_without_both_kinds_nothing_can_be_said(labels: np.ndarray) -> None:
    with pytest.raises(BadInput, match="some who left"):
        evaluate(labels, np.array([0.1, 0.2, 0.3]))
