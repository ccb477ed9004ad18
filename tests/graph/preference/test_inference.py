"""Who likes what: scores and confidence by hand and by scipy's beta distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from graph.preference.inference import (
    HALF_LIFE_DAYS,
    LEAST_CONFIDENCE,
    PRIOR_SESSIONS,
    decayed,
    liked,
)
from graph.preference.taxonomy import SOURCES, Source, interests, times, told_by, weights


@given(st.floats(0, 400), st.floats(0, 400), st.floats(0, 1_000))
def test_decay_is_the_mean_over_the_time_of_use(age: float, span: float, sessions: float) -> None:
    """Integrated by scipy, day by day."""

    def still(day: float) -> float:
        return float(0.5 ** ((age + span - day) / HALF_LIFE_DAYS))

    mean = quad(still, 0, span)[0] / span if span > 1e-6 else still(span)
    found = decayed(np.array([sessions]), np.array([0.0]), np.array([span]), age + span)
    assert found[0] == pytest.approx(sessions * mean, rel=1e-5, abs=1e-12)


def test_a_share_three_times_the_usual_scores_three_quarters_in_the_long_run() -> None:
    """10 people with 10 % each of one interest; another has 30 % of it, of very much."""
    person = np.repeat(np.arange(11), 2)
    interest = np.tile([0, 1], 11)
    evidence = np.tile([1e5, 9e5], 11)
    evidence[-2:] = [3.0, 7.0]
    few = liked(person, interest, evidence)
    assert 20 not in few.row, "three sessions of ten are no sign"
    evidence[-2:] = [3e4, 7e4]
    many = liked(person, interest, evidence)
    place = many.row.tolist().index(20)
    usual = (10 * 1e5 + 3e4) / evidence.sum()
    assert many.score[place] == pytest.approx(0.3 / (0.3 + usual), abs=1e-4)
    assert many.confidence[place] == pytest.approx(1.0)


use = st.lists(st.lists(st.floats(0.01, 500), min_size=3, max_size=3), min_size=1, max_size=8)


@given(use)
def test_scores_and_confidence_are_those_of_the_beta_distribution(use: list[list[float]]) -> None:
    evidence = np.array(use)
    person, interest = (numbers.ravel() for numbers in np.indices(evidence.shape))
    found = liked(person, interest, evidence.ravel())
    usual = evidence.sum(axis=0) / evidence.sum()
    expected = {}
    for row, (who, what) in enumerate(np.ndindex(*evidence.shape)):
        a = evidence[who, what] + PRIOR_SESSIONS * usual[what]
        b = evidence[who].sum() + PRIOR_SESSIONS - a
        confidence = beta.sf(usual[what], a, b)
        share = a / (a + b)
        if share > usual[what] * (1 + 1e-9) and confidence >= LEAST_CONFIDENCE:
            expected[row] = (share / (share + usual[what]), confidence)
    assert found.row.tolist() == list(expected)
    for place, row in enumerate(found.row.tolist()):
        pair = (found.score[place], found.confidence[place])
        assert pair == pytest.approx(expected[row], rel=1e-6)


def test_nobody_prefers_the_only_interest_there_is() -> None:
    assert len(liked(np.array([0, 1]), np.array([0, 0]), np.array([5.0, 900.0])).row) == 0
    none = np.array([], np.int64)
    assert len(liked(none, none, np.array([], np.float64)).row) == 0


@pytest.mark.parametrize("source", SOURCES)
def test_the_taxonomy_is_a_tree_of_two_tiers(source: Source) -> None:
    known = {one.interest_id: one for one in interests()}
    for one in interests():
        if one.part_of:
            assert known[one.part_of].part_of is None
            assert not known[one.part_of].told_by, "evidence is of the narrow ones"
        assert one.told_by or one.interest_id in {other.part_of for other in interests()}
    words = [word for one in interests() for word in one.told_by.get(source, ())]
    assert len(words) == len(set(words)) == len(told_by(source)) > 0
    assert all(name in times() for name in told_by("times"))
    assert weights().keys() == set(SOURCES)
