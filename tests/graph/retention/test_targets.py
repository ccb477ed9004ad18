"""Retention targets: against all that can happen on small graphs, and against planted churn."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from graph.errors import BadInput
from graph.influence.maximisation.diffusion import diffusion
from graph.projection import Floats
from graph.retention.cut import involved, kept_roots, sufficient
from graph.retention.reckoning import Reckoning
from graph.retention.stakes import Stakes, along
from graph.retention.targets import Sample, retention_targets
from graph.retention.world import Worlds, draw_worlds

_FEW = settings(max_examples=10, derandomize=True)


@st.composite
def small_stakes(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Return ties among four subscribers, their risks and their values."""
    pairs = [(i, j) for i in range(4) for j in range(4) if i != j]
    passing = np.zeros((4, 4))
    for pair in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=5, unique=True)):
        passing[pair] = draw(st.sampled_from([0.2, 0.5, 1.0]))
    risk = draw(st.lists(st.sampled_from([0.0, 0.2, 0.6]), min_size=4, max_size=4))
    value = draw(st.lists(st.sampled_from([0.0, 1.0, 5.0]), min_size=4, max_size=4))
    return passing, np.array(risk), np.array(value) + 0.5


def expected_loss(passing: Floats, risk: Floats, value: Floats, kept: set[int]) -> float:
    """Return the mean loss where some are kept, over all that can happen."""
    ties = np.argwhere(passing)
    others = [node for node in range(4) if node not in kept]
    loss = 0.0
    for passes in product([False, True], repeat=len(ties)):
        live = [tuple(tie) for tie, does in zip(ties, passes, strict=True) if does]
        chance = np.prod([passing[tuple(t)] if p else 1 - passing[tuple(t)]
                          for t, p in zip(ties, passes, strict=True)])  # fmt: skip
        for leaves in product([False, True], repeat=4):
            own = np.prod([r if does else 1 - r for r, does in zip(risk, leaves, strict=True)])
            gone = {node for node in others if leaves[node]}
            for _ in range(4):
                gone |= {j for i, j in live if i in gone and j in others}
            loss += chance * own * sum(value[node] for node in gone)
    return float(loss)


def sample_of(stakes: Stakes, count: int, success: float = 1.0) -> tuple[Sample, Reckoning]:
    """Return a sample of some worlds, and what is reckoned."""
    choosing = draw_worlds(stakes, count, 1, success=success)
    judging = draw_worlds(stakes, count, 2, success=success)
    return Sample.of(choosing, judging), Reckoning.of(stakes)


@_FEW
@given(small_stakes(), st.integers(1, 3))
def test_targets_and_their_figures_agree_with_all_that_can_happen(
    given_stakes: tuple[Floats, Floats, Floats], budget: int
) -> None:
    """Every choice within the budget is tried; estimates may be off by 4 standard errors."""
    passing, risk, value = given_stakes
    stakes = Stakes(risk, value, diffusion(sparse.csr_array(passing)))
    found = retention_targets(*sample_of(stakes, 20_000), budget)
    lost = expected_loss(passing, risk, value, set())
    averted = lost - expected_loss(passing, risk, value, set(found.chosen.tolist()))
    best = lost - min(
        expected_loss(passing, risk, value, set(some)) for some in combinations(range(4), budget)
    )
    assert found.at_stake.mean == pytest.approx(lost, abs=2 * found.at_stake.half_width + 1e-9)
    assert found.averted.mean == pytest.approx(averted, abs=2 * found.averted.half_width + 1e-9)
    assert found.ratio * best <= averted <= best * (1 + 1e-9) <= found.most * (1 + 1e-9)
    assert len(found.chosen) <= budget


@_FEW
@given(small_stakes())
def test_the_reckoning_is_exact_where_ties_make_no_circle(
    given_stakes: tuple[Floats, Floats, Floats],
) -> None:
    """On a path, with what each direction passes from the same draw."""
    passing, risk, value = given_stakes
    path = np.zeros((4, 4))
    for i, j in [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]:
        path[i, j] = passing[i, j]
    found = Reckoning.of(Stakes(risk, value, diffusion(sparse.csr_array(path))))
    lost = expected_loss(path, risk, value, set())
    assert found.leaves @ value == pytest.approx(lost)
    for person in range(4):
        averted = lost - expected_loss(path, risk, value, {person})
        reason = found.reason(person)
        assert found.averted[person] == pytest.approx(averted)
        total = reason.own_loss + sum(each.loss for each in reason.taken)
        assert total == pytest.approx(averted)


@_FEW
@given(small_stakes(), st.integers(0, 99))
def test_whoever_suffices_alone_is_found_by_trying_each(
    given_stakes: tuple[Floats, Floats, Floats], seed: int
) -> None:
    """And whoever is involved matters to some choice, or at least can be left out of none."""
    passing, risk, value = given_stakes
    worlds = draw_worlds(
        Stakes(risk, value, diffusion(sparse.csr_array(passing))), 300, seed, success=0.7
    )
    alone, anyhow = sufficient(worlds), involved(worlds)
    for person in range(4):
        one = np.array([person])
        assert kept_roots(worlds, one).tolist() == alone.holding(one).tolist()
    for some in combinations(range(4), 2):
        both = np.array(some)
        saved = kept_roots(worlds, both)
        assert (alone.holding(both) <= saved).all()
        assert (saved <= anyhow.holding(both)).all()


def test_a_world_with_two_ways_round() -> None:
    """3 leaves; it comes to 0 by 2, or else by 1, from 4: so 0, 4 and 3 suffice, 1 and 2 do not."""
    world = Worlds(
        1,
        9,
        1.0,
        np.array([0, 5]),
        np.array([0, 1, 2, 3, 4], np.int32),
        np.array([False, False, False, True, False]),
        np.ones(5, np.bool_),
        np.array([0, 5]),
        np.array([1, 2, 4, 4, 3], np.int32),
        np.array([0, 0, 1, 2, 4], np.int32),
    )
    assert sorted(sufficient(world).members) == [0, 3, 4]
    assert kept_roots(world, np.array([1, 2])).tolist() == [True]
    assert kept_roots(world, np.array([1])).tolist() == [False]


def star(success: float = 1.0) -> tuple[Sample, Reckoning]:
    """Return worlds of two pairs and a star of five whose middle leaves and takes all along."""
    ties = np.zeros((9, 9))
    ties[0, 1:5] = 1
    risk = np.array([0.5, 0, 0, 0, 0, 0.9, 0, 0.9, 0])
    return sample_of(
        Stakes(risk, np.full(9, 100.0), diffusion(sparse.csr_array(ties))), 20_000, success
    )


def test_the_one_who_takes_others_along_comes_first() -> None:
    """0 loses 5 x 100 x 0.5 = 250; 5 and 7 are likelier to leave, and lose 90 each."""
    found = retention_targets(*star(), 2)
    assert found.chosen.tolist() in ([0, 5], [0, 7])
    assert found.averted.mean == pytest.approx(340, abs=12)
    assert found.at_stake.mean == pytest.approx(430, abs=12)
    assert found.ratio > 0.9
    assert found.gains.sum() == pytest.approx(found.averted.mean)


def test_costs_permissions_and_success_count() -> None:
    """At 20 for the middle and 2 for each other, 4 buys both loners; half of those asked stay."""
    costs, may = np.full(9, 2.0), np.ones(9, np.bool_)
    costs[0] = 20
    assert sorted(retention_targets(*star(), 4, costs).chosen) == [5, 7]
    may[[0, 5]] = False
    assert retention_targets(*star(), 1, None, may).chosen.tolist() == [7]
    assert retention_targets(*star(0.5), 1).averted.mean == pytest.approx(125, abs=8)


def test_the_reason_names_whom_they_would_take_along() -> None:
    _, reckoning = star()
    reason = reckoning.reason(0)
    assert (reason.leaves, reason.own_loss) == pytest.approx((0.5, 50))
    assert [each.contact for each in reason.taken] == [1, 2, 3, 4]
    assert [each.loss for each in reason.taken] == pytest.approx([50] * 4)
    assert reckoning.reason(5).taken == []


def test_nothing_to_spend_nobody_to_ask_and_nothing_at_stake() -> None:
    nothing = retention_targets(*star(), 0)
    assert (nothing.chosen.tolist(), nothing.averted.mean, nothing.ratio) == ([], 0, 1)
    nobody = retention_targets(*star(), 3, None, np.zeros(9, np.bool_))
    assert (nobody.chosen.tolist(), nobody.averted.mean, nobody.ratio) == ([], 0, 1)
    alone = Stakes(np.zeros(3), np.ones(3), along(sparse.csr_array((3, 3))))
    safe = retention_targets(*sample_of(alone, 100), 2)
    assert (safe.chosen.tolist(), safe.at_stake.mean) == ([], 0)


def test_what_cannot_be_right_is_refused() -> None:
    ties = along(sparse.csr_array((2, 2)))
    for risk, value in [([0.1], [1, 1]), ([0.1, 1.2], [1, 1]), ([0.1, 0.2], [1, -1])]:
        with pytest.raises(BadInput):
            Stakes(np.array(risk), np.array(value), ties)
    with pytest.raises(BadInput, match="contagion"):
        along(sparse.csr_array((2, 2)), 11)
    with pytest.raises(BadInput, match="success"):
        draw_worlds(Stakes(np.zeros(2), np.ones(2), ties), 1, 0, success=2)
    with pytest.raises(BadInput, match="weights"):
        draw_worlds(Stakes(np.ones(2), np.zeros(2), ties), 1, 0)
    with pytest.raises(BadInput, match="one cost"):
        retention_targets(*star(), 1, np.ones(3))


def lost(passing: Floats, stakes: Stakes, kept: list[int], runs: int) -> float:
    """Return the mean loss by plain forward runs: each who leaves tries each contact once."""
    rng, total = np.random.default_rng(9), 0.0
    for _ in range(runs):
        own, tries = rng.random(len(passing)), rng.random(passing.shape)
        gone = own < stakes.risk
        gone[kept] = False
        fresh = gone
        while fresh.any():
            reached = (tries[fresh] < passing[fresh]).any(axis=0) & ~gone
            reached[kept] = False
            gone, fresh = gone | reached, reached
        total += float(stakes.value[gone].sum())
    return total / runs


def test_targets_avert_more_than_calling_by_risk_on_a_planted_cascade() -> None:
    """Of 300 people with three plans and few hubs, 15 are kept; both by the same forward runs."""
    rng, people, budget = np.random.default_rng(4), 300, 15
    hubs = (people * rng.random(900) ** 2).astype(int)
    ties = np.zeros((people, people))
    for one, other in zip(rng.integers(0, people, 900), hubs, strict=True):
        if one != other:
            ties[one, other] = ties[other, one] = rng.random() + 0.1
    risk, value = rng.beta(1, 20, people), rng.choice([1000.0, 2000.0, 5000.0], people)
    stakes = Stakes(risk, value, along(sparse.csr_array(ties), 0.5))
    passing = -np.expm1(-0.5 * ties / np.maximum(ties.sum(axis=0), 1e-9))
    chosen = retention_targets(*sample_of(stakes, 50_000), budget).chosen.tolist()
    riskiest = np.argsort(-risk)[:budget].tolist()
    nobody = lost(passing, stakes, [], 2_000)
    averted = [nobody - lost(passing, stakes, kept, 2_000) for kept in (chosen, riskiest)]
    assert averted[0] >= 1.3 * averted[1] > 0
