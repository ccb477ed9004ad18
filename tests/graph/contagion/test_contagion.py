"""Contagion told from homophily: by hand, and on generated people whose truth is known.

``TIEGRAPH_RUNS`` says of how many seeds; the forty that docs/churn.md tells of take minutes.
"""

import os
from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from graph.contagion.contagion import STAYS, Contagion, History, contagion
from graph.errors import BadInput
from loaders.generate.options import Options
from tests.graph.contagion.lived import live

RUNS = int(os.environ.get("TIEGRAPH_RUNS", "1"))
PEOPLE, DAYS, CHURN = 6_000, 30, 0.05


def _drawn(seed: int, strength: float, own: Callable[[int], np.ndarray], days: int = 40) -> History:
    """Let people in pairs leave, by the formula of the docstring and nobody's code."""
    rng, people = np.random.default_rng(seed), 20_000
    other = np.arange(people) ^ 1
    left_on = np.full(people, STAYS)
    news = np.zeros(people)
    for day in range(days):
        news *= np.exp(-0.1)
        leaves = (left_on == STAYS) & (rng.random(people) < own(day) + strength / 10 * news[other])
        left_on[leaves] = day
        news[leaves] = 1
    contacts = sparse.csr_array((np.ones(people), (np.arange(people), other)))
    return History(contacts, left_on, days)


def test_likeness_alone_is_no_contagion() -> None:
    """A tenth of the pairs leave ten times as readily; nobody follows anybody."""
    readily = np.where(np.arange(20_000) // 2 % 10 == 0, 0.01, 0.001)
    found = contagion(_drawn(1, 0.0, lambda _day: readily))
    assert found.clustering > 0  # partners of leavers do leave more often
    assert found.strength.low < 0 < found.strength.high
    assert abs(found.because_of_others.value) < 0.1 * found.leavers


def test_the_strength_that_was_planted() -> None:
    """With likeness as above, and half of one's hazard when the partner leaves."""
    readily = np.where(np.arange(20_000) // 2 % 10 == 0, 0.01, 0.001)
    found = contagion(_drawn(1, 0.5, lambda _day: readily))
    assert found.strength.value == pytest.approx(0.5, rel=0.25)
    assert found.strength.low < 0.5 < found.strength.high


def test_what_changes_with_time_for_some_needs_a_stratum_or_to_be_seen() -> None:
    """One half leaves in the first days, the other in the last: that looks like contagion.

    It is none; strata, or seeing whose bad days these were, say so.
    """
    early = np.arange(20_000) // 2 % 2 == 0

    def bad(day: int) -> np.ndarray:
        return np.where(early, day < 10, day >= 30).astype(float)

    history = _drawn(2, 0.0, lambda day: 0.02 * bad(day))
    fooled = contagion(history)
    assert fooled.strength.low > 0
    strata = History(history.contacts, history.left_on, 40, strata=early.astype(np.int64))
    assert contagion(strata).strength.low < 0 < contagion(strata).strength.high
    seen = History(history.contacts, history.left_on, 40, lambda day: bad(day)[:, None])
    assert contagion(seen).strength.low < 0 < contagion(seen).strength.high


def test_ties_are_as_strong_as_they_were_while_both_were_there() -> None:
    """Ann called Bob 5 times in the 10 days before he left, and Cai 15 times in 30."""
    contacts = sparse.csr_array(np.array([[0, 5, 15], [5, 0, 0], [15, 0, 0.0]]))
    shares = History(contacts, np.array([STAYS, 9, STAYS]), 30).shares.toarray()
    bob, cai = 5 / 9.5, 15 / 30
    assert shares[0].tolist() == pytest.approx([0, bob / (bob + cai), cai / (bob + cai)])
    assert shares[1].tolist() == [1, 0, 0]


def test_what_is_off_in_the_ties_does_not_lessen_the_strength() -> None:
    """Six contacts each, who leave by the docstring's formula, and are known by two calls each."""
    rng, people, days = np.random.default_rng(3), 20_000, 40
    steps = np.array([1, 2, 3])
    who, other = np.repeat(np.arange(people), 3), np.add.outer(np.arange(people), steps).ravel()
    other %= people
    weight = rng.gamma(0.7, size=len(who))
    ends = np.concatenate([who, other]), np.concatenate([other, who])
    true = sparse.csr_array((np.tile(weight, 2), ends), shape=(people, people))
    shares = sparse.csr_array(sparse.diags_array(1 / true.sum(axis=1)) @ true)
    left_on, news = np.full(people, STAYS), np.zeros(people)
    calls = np.zeros((2, len(who)))
    for day in range(days):
        news *= np.exp(-0.1)
        hazard = 0.003 + 2 / 10 * (shares @ news)
        leaves = (left_on == STAYS) & (rng.random(people) < -np.expm1(-hazard))
        there = (left_on[who] == STAYS) & (left_on[other] == STAYS)
        calls[day % 2] += there * rng.poisson(0.08 * weight)
        left_on[leaves], news[leaves] = day, 1
    even, odd = (
        sparse.csr_array((np.tile(each, 2), ends), shape=(people, people)) for each in calls
    )
    once = contagion(History(even + odd, left_on, days)).strength
    assert once.high < 2
    twice = contagion(History(even + odd, left_on, days, halves=(even, odd))).strength
    assert twice.value == pytest.approx(2, rel=0.1)
    assert twice.low < 2 < twice.high


def test_a_tie_to_oneself_does_not_count() -> None:
    contacts = sparse.csr_array(np.array([[7.0, 1], [1, 0]]))
    assert History(contacts, np.array([STAYS, STAYS]), 5).shares.toarray().tolist() == [
        [0, 1],
        [1, 0],
    ]


def test_too_few_leavers_say_nothing() -> None:
    nobody = sparse.csr_array((3, 3))
    with pytest.raises(BadInput, match="only 0 left after a contact"):
        contagion(History(nobody, np.array([STAYS, 1, 2]), 5))


@pytest.mark.parametrize("left_on", [np.array([0]), np.array([0, 5]), np.array([-2, 0])])
def test_histories_that_cannot_be(left_on: np.ndarray) -> None:
    with pytest.raises(BadInput):
        History(sparse.csr_array((2, 2)), left_on, 5)


def _found(seed: int, contagious: float, homophily: float) -> tuple[Contagion, int]:
    """Return what is found, and how many left because of others."""
    options = Options(PEOPLE, DAYS, seed, contagion=contagious, homophily=homophily, churn=CHURN)
    lived = live(options)
    return contagion(lived.history), lived.followers


def test_no_contagion_is_found_where_none_was_planted() -> None:
    """Homophily at its greatest and problems in the network: of 40 seeds, 95 % and more hold 0."""
    found = [_found(seed, 0.0, 1.0)[0].strength for seed in range(1, RUNS + 1)]
    assert sum(each.low < 0 < each.high for each in found) >= 0.95 * RUNS


def test_the_planted_strength_is_found() -> None:
    """Contagion 3 with homophily: within a quarter, in the mean of the seeds and by interval."""
    found = [_found(seed, 3.0, 0.6) for seed in range(1, RUNS + 1)]
    strengths = [each.strength for each, _ in found]
    assert np.mean([each.value for each in strengths]) == pytest.approx(3, rel=0.1)
    assert sum(abs(each.value - 3) < 0.75 for each in strengths) >= 0.95 * RUNS
    assert sum(each.low < 3 < each.high for each in strengths) >= 0.9 * RUNS
    for each, followers in found:
        assert each.because_of_others.value == pytest.approx(followers, rel=0.25)
