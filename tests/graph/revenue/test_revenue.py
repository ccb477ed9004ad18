"""Money adds up: against naive models with exact fractions, on random plans, trees and usage."""

import os
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graph.revenue.agreement import Agreement, Party
from graph.revenue.money import rounded, split
from graph.revenue.plan import Plan, Price, Tier
from graph.revenue.rating import amounts
from tests.graph.revenue.draws import agreements, prices, proportions

#: Usage records of the large run: few in every run, 1,000,000 by hand.
RECORDS = int(os.environ.get("TIEGRAPH_TEST_USAGE", "20000"))


def naive_total(price: Price, units: int, month_units: int) -> Fraction:
    """Count unit by unit, as the words of ``Price`` say."""
    total = Fraction(0)
    for number in range(price.free + 1, units + 1):
        decisive = number if price.kind == "graduated" else month_units
        reached = [tier for tier in price.tiers if tier.above < decisive - price.free]
        total += reached[-1].price_minor
    return total


def naive_amounts(price: Price, units: list[int]) -> list[int]:
    """Round the running total after each record, and take differences."""
    upto, running = [0], 0
    for count in units:
        running += count
        upto.append(rounded(naive_total(price, running, sum(units))))
    return [after - before for before, after in pairwise(upto)]


@given(prices(), st.lists(st.integers(0, 9), max_size=25))
def test_records_cost_what_counting_units_says(price: Price, units: list[int]) -> None:
    found = amounts(price, np.array(units, np.int64)).tolist()
    assert found == naive_amounts(price, units)
    assert sum(found) == rounded(price.exact(sum(units), sum(units)))
    assert price.exact(sum(units), sum(units)) == naive_total(price, sum(units), sum(units))


@given(prices(), st.lists(st.integers(0, 9), min_size=1, max_size=25))
def test_no_record_is_a_unit_away_from_its_exact_price(price: Price, units: list[int]) -> None:
    found, upto = amounts(price, np.array(units, np.int64)).tolist(), 0
    for count, amount in zip(units, found, strict=True):
        before, upto = upto, upto + count
        fair = naive_total(price, upto, sum(units)) - naive_total(price, before, sum(units))
        assert abs(amount - fair) <= 1
        assert amount >= 0


def test_sums_beyond_64_bits_stay_exact() -> None:
    """Expected: 3 records of 10^12 units at 10^9 + 1/7 minor units each."""
    price = Price(
        operation="*",
        tiers=(
            Tier(price_minor=Fraction(10**9)),
            Tier(above=1, price_minor=Fraction("7000000001/7")),
        ),
    )
    found = amounts(price, np.array([10**12] * 3, np.int64))
    assert sum(found.tolist()) == rounded(10**9 + (3 * 10**12 - 1) * Fraction(7 * 10**9 + 1, 7))


def test_a_large_month_reconciles_and_agrees_on_samples() -> None:
    """TIEGRAPH_TEST_USAGE=1000000 for the full size; samples are counted by exact fractions."""
    rng = np.random.default_rng(7)
    units = rng.choice([0, 1, 1, 1, 2, 40], RECORDS).astype(np.int64)
    price = Price(
        operation="*",
        free=100,
        tiers=(
            Tier(price_minor=Fraction("0.7")),
            Tier(above=RECORDS // 10, price_minor=Fraction("5/8")),
            Tier(above=RECORDS, price_minor=Fraction("1/3")),
        ),
    )
    found = amounts(price, units)
    upto = np.concatenate([[0], np.cumsum(units)]).tolist()
    month_units = upto[-1]
    assert int(found.sum()) == rounded(price.exact(month_units, month_units))
    for position in rng.integers(0, RECORDS, 500):
        before, after = upto[position], upto[position + 1]
        worth = rounded(price.exact(after, month_units)) - rounded(price.exact(before, month_units))
        assert found[position] == worth


@given(st.integers(-(10**12), 10**12), st.data())
def test_parts_add_up_and_are_fair(amount: int, data: st.DataObject) -> None:
    """The quota rule of largest remainders: nobody is a whole unit off; order changes nothing."""
    count = data.draw(st.integers(1, 12))
    shares = {f"n{i}": share for i, share in enumerate(proportions(data.draw, count))}
    parts = split(amount, shares)
    assert sum(parts.values()) == amount
    assert all(abs(part - amount * shares[name]) < 1 for name, part in parts.items())
    assert split(amount, dict(reversed(shares.items()))) == parts
    assert split(-amount, shares) == {name: -part for name, part in parts.items()}
    assert all(part == 0 for name, part in parts.items() if not shares[name])


@given(agreements(), st.integers(-(10**9), 10**9))
def test_a_tree_divides_without_a_rest(agreement: Agreement, amount: int) -> None:
    found = agreement.divided(amount)
    assert sum(found.values()) == amount
    assert found.keys() == {party.party for party in agreement.root.everybody()}

    def mirrored(party: Party) -> Party:
        parts = tuple(map(mirrored, reversed(party.parts)))
        return party.model_copy(update={"parts": parts})

    assert Agreement(agreement="any", root=mirrored(agreement.root)).divided(amount) == found
    read = Agreement.model_validate_json(agreement.model_dump_json())
    assert read == agreement


@given(agreements(), st.integers(10**6, 10**9))
def test_a_tree_divides_by_the_products_of_shares(agreement: Agreement, amount: int) -> None:
    """Against the plain product of fractions along each path: at most a unit off a level."""
    found = agreement.divided(amount)

    def check(party: Party, part: Fraction, level: int) -> None:
        assert abs(found[party.party] - part * party.keeps) < level
        for below in party.parts:
            check(below, part * below.share, level + 1)

    check(agreement.root, Fraction(amount), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": "a", "role": "platform", "keeps": "0.9"},
        {"party": "a", "role": "platform", "keeps": 0.5},
        {
            "party": "a",
            "role": "platform",
            "keeps": "1/2",
            "parts": [{"party": "a", "role": "operator", "share": "1/2"}],
        },
        {"party": "a", "role": "platform", "share": "1/2"},
        {"party": "a", "role": "platform", "keeps": "1/0"},
        {"party": "a b", "role": "platform"},
    ],
)
def test_an_agreement_that_does_not_add_up_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Agreement.model_validate({"agreement": "x", "root": wrong})


@pytest.mark.parametrize(
    "prices_given",
    [
        [],
        [{"operation": "graphql", "tiers": [{"price_minor": 1}]}],
        [{"operation": "*", "tiers": []}],
        [{"operation": "*", "tiers": [{"above": 1, "price_minor": 1}]}],
        [{"operation": "*", "tiers": [{"price_minor": 0.1}]}],
        [{"operation": "*", "tiers": [{"price_minor": "-1"}]}],
        [{"operation": "*", "tiers": [{"price_minor": "1/999999999"}]}],
        [{"operation": "*", "tiers": [{"price_minor": 1}, {"above": 0, "price_minor": 2}]}],
    ],
)
def test_a_plan_that_means_nothing_is_refused(prices_given: list[object]) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate({"plan": "x", "currency": "EUR", "prices": prices_given})
