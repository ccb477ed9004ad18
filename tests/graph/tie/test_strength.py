import numpy as np
import pytest

from graph.projection import Projection
from graph.tie.strength import StrengthWeights, reversed_ties, strengths, with_strength

DAY_US = 86_400_000_000


def ties(**columns: list[int]) -> Projection:
    """Ann calls Bob and herself, Bob calls Ann, Cyd calls Bob."""
    callers, callees = np.array([0, 0, 1, 2], np.int32), np.array([0, 1, 0, 1], np.int32)
    arrays = {name: np.array(column) for name, column in columns.items()}
    return Projection(np.array(["ann", "bob", "cyd"]), "1", callers, callees, arrays)


def known() -> Projection:
    return ties(
        calls=[1, 10, 5, 1],
        messages=[0, 0, 0, 1],
        duration_s=[0, 600, 1200, 0],
        active_days=[1, 10, 5, 1],
        first_at=[0, 0, 0, 0],
        last_at=[70 * DAY_US, 70 * DAY_US, 10 * DAY_US, 70 * DAY_US],
    )


def test_a_tie_has_the_strength_of_the_formula() -> None:
    """By hand, for Ann to Bob: half each for 10 events, 600 s and 10 days of 70, and 5/10."""
    assert strengths(known())[1] == pytest.approx(0.5)


def test_recency_halves_a_tie_in_its_half_life() -> None:
    """By hand, for Bob to Ann: 5/15, 1200/1800, 5/70 / (5/70 + 1/7) and 5/10, 60 days ago."""
    mean = 0.35 / 3 + 0.25 * 2 / 3 + 0.25 / 3 + 0.15 / 2
    assert strengths(known())[2] == pytest.approx(mean / 2)


def test_weights_are_parameters() -> None:
    only_reciprocity = StrengthWeights(frequency=0, duration=0, regularity=0, reciprocity=3)
    assert strengths(known(), only_reciprocity)[1] == pytest.approx(0.5)


def test_whoever_gets_no_answer_has_no_reciprocity() -> None:
    assert with_strength(known()).columns["reciprocity"].tolist() == [1.0, 0.5, 0.5, 0.0]


def test_reverse_of_a_tie_to_oneself_is_itself() -> None:
    assert reversed_ties(known()).tolist() == [0, 2, 1, -1]


def test_no_ties_have_no_strength() -> None:
    none = np.array([], np.int32)
    names = ("calls", "messages", "duration_s", "active_days", "first_at", "last_at")
    empty = Projection(np.array([], np.str_), "1", none, none, dict.fromkeys(names, none))
    assert strengths(empty).tolist() == []
