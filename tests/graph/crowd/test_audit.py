"""No answers that the audit lets through tell of a group below the threshold, whoever solves them.

That sixteen subscribers are shown and fifteen are not is FlowKit's rule (``value > 15`` in its
``redacted_spatial_aggregate.py``).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.crowd.audit import Audit, greatest_first, is_prime, random_prime
from graph.projection import Ints
from tests.graph.crowd.attacker import Group, small_combinations, small_groups, solved

PRIME = 2_147_483_647
PEOPLE = 10
groups = st.lists(st.frozensets(st.integers(0, PEOPLE - 1)), max_size=25)


def numbers(group: Group) -> Ints:
    return np.array(sorted(group), np.int64) + 1


def told(asked: list[Group], audit: Audit) -> list[Group]:
    return [group for group in asked if audit.admits(numbers(group))]


def test_sixteen_are_told_and_fifteen_are_not() -> None:
    assert Audit(PRIME).admits(np.arange(1, 17))
    assert not Audit(PRIME).admits(np.arange(1, 16))
    assert not Audit(PRIME).admits(np.arange(0))


def test_what_differs_by_few_is_told_once() -> None:
    audit = Audit(PRIME)
    assert audit.admits(np.arange(1, 101))
    assert not audit.admits(np.arange(1, 86)), "15 would be the difference"
    assert audit.admits(np.arange(1, 85)), "16 are"
    assert audit.admits(np.arange(85, 101)), "which is known already"
    assert len(audit) == 2


def test_disjoint_groups_and_their_unions_are_always_told() -> None:
    audit = Audit(PRIME)
    cells = [np.arange(first, first + 16) for first in range(1, 161, 16)]
    assert all(audit.admits(cell) for cell in cells)
    assert audit.admits(np.arange(1, 161))
    assert audit.admits(np.arange(17, 97))


@given(groups)
@settings(max_examples=60)
def test_nobody_solves_for_a_group_below_the_threshold(asked: list[Group]) -> None:
    """Every group of one to three of ten people is tried, by fractions."""
    answered = told(asked, Audit(PRIME, least=4))
    assert small_groups(answered, PEOPLE, least=4) == []


@given(groups)
@settings(max_examples=30)
def test_no_combination_tells_of_fewer_at_all(asked: list[Group]) -> None:
    """Nor of differences, or any sum with weights: of means and sums, no less than of counts."""
    answered = told(asked, Audit(PRIME, least=4))
    assert not small_combinations(answered, PEOPLE, least=4)


@given(groups)
@settings(max_examples=60)
def test_what_follows_from_answers_is_answered(asked: list[Group]) -> None:
    """A refusal where the answer is known already would hide nothing."""
    audit = Audit(PRIME, least=3)
    answered = told(asked, audit)
    before = len(audit)
    for one in answered:
        for other in answered:
            assert audit.admits(numbers(one))
            if not one & other:
                assert audit.admits(numbers(one | other))
    assert len(audit) == before


@st.composite
def populations(draw: st.DrawFn) -> tuple[int, list[Group]]:
    """Return people who move between areas in three windows, and what is asked of them.

    Areas are nested twice; a question is an area in a window, of one category, of one filter, or
    all but those.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    people = draw(st.sampled_from([60, 250, 600]))
    areas = draw(st.sampled_from([2, 4, 8]))
    home = random.integers(areas, size=people)
    stays = draw(st.sampled_from([0.0, 0.7, 0.97]))
    windows = [home]
    for _ in range(2):
        moved = random.integers(areas, size=people)
        windows.append(np.where(random.random(people) < stays, windows[-1], moved))
    category = random.integers(4, size=people)
    likes = random.random((3, people)) < random.random((3, 1))
    asked: list[Group] = []
    for _ in range(200):
        size = int(random.choice([1, 2, areas]))
        of = windows[random.integers(3)] // size == random.integers(max(1, areas // size))
        if random.random() < 0.5:
            of &= category == random.integers(4)
        if random.random() < 0.5:
            of &= likes[random.integers(3)]
        if random.random() < 0.2:
            of = ~of
        asked.append(frozenset(np.flatnonzero(of).tolist()))
    return people, asked


@given(populations())
@settings(max_examples=12)
def test_two_hundred_questions_determine_no_group_under_sixteen(
    asked: tuple[int, list[Group]],
) -> None:
    people, questions = asked
    answered = told(questions, Audit(random_prime()))
    assert solved(answered, people, least=16) == []


def test_the_attacker_would_find_what_a_threshold_alone_lets_through() -> None:
    """Differences of large answers give small groups away (FlowKit's issue 5258)."""
    random = np.random.default_rng(5)
    windows = random.integers(4, size=(3, 250))
    asked = [
        frozenset(np.flatnonzero((windows[0] == area) & (windows[1] != other)).tolist())
        for area in range(4)
        for other in range(4)
    ] + [frozenset(np.flatnonzero(windows[0] == area).tolist()) for area in range(4)]
    thresholded = [group for group in asked if len(group) >= 16]
    assert solved(thresholded, 250, least=16)
    assert solved(told(asked, Audit(PRIME)), 250, least=16) == []


def test_as_many_answers_are_given_as_there_can_be_panels() -> None:
    """Of 2,000 people 125 panels of 16: so many random questions may be answered, and are."""
    random = np.random.default_rng(11)
    audit = Audit(PRIME)
    for _ in range(150):
        audit.admits(np.flatnonzero(random.random(2_000) < 0.5) + 1)
    assert len(audit) == 125


@pytest.mark.parametrize("is_two_way", [False, True])
def test_margins_do_not_give_away_a_table(is_two_way: bool) -> None:
    """Complementary suppression: no suppressed cell follows from those that are shown."""
    for seed in range(6):
        random = np.random.default_rng(seed)
        rows, columns = (
            random.integers(3, size=(2, 100))
            if is_two_way
            else (random.choice(4, size=100, p=[0.6, 0.2, 0.1, 0.1]), np.zeros(100, np.int64))
        )
        cells = {"all": np.ones(100, np.bool_)}
        cells |= {f"row {row}": rows == row for row in range(4)}
        cells |= {f"column {column}": columns == column for column in range(3)}
        cells |= {f"{r} {c}": (rows == r) & (columns == c) for r in range(4) for c in range(3)}
        table = {name: np.flatnonzero(there) + 1 for name, there in cells.items()}
        audit = Audit(PRIME)
        shown = [name for name in greatest_first(table) if audit.admits(table[name])]
        assert shown[0] == "all"
        assert solved([frozenset((table[name] - 1).tolist()) for name in shown], 100, 16) == []


def test_primes_are_primes() -> None:
    sieve = np.ones(5_000, np.bool_)
    for factor in range(2, 71):
        sieve[factor * factor :: factor] = False
    assert [is_prime(odd) for odd in range(11, 5_000, 2)] == sieve[11::2].tolist()
    assert random_prime().bit_length() == 31
