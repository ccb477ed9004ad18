"""Random plans, agreements and units for hypothesis."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from graph.revenue.agreement import Agreement, Party
from graph.revenue.plan import Plan, Price, Tier

exact = st.builds(Fraction, st.integers(0, 400), st.sampled_from([1, 2, 3, 7, 8, 100, 1000]))


@st.composite
def prices(draw: Any, operation: str = "*") -> Price:
    bounds = [0, *sorted(draw(st.sets(st.integers(1, 60), max_size=4)))]
    return Price(
        operation=operation,
        free=draw(st.integers(0, 20)),
        kind=draw(st.sampled_from(["graduated", "volume"])),
        tiers=tuple(Tier(above=above, price_minor=draw(exact)) for above in bounds),
    )


@st.composite
def plans(draw: Any) -> Plan:
    names = ["*", *sorted(draw(st.sets(st.sampled_from(["a", "a/b", "c"]), max_size=3)))]
    return Plan(plan="any", currency="EUR", prices=tuple(draw(prices(name)) for name in names))


def proportions(draw: Any, count: int) -> list[Fraction]:
    weights = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    weights[draw(st.integers(0, count - 1))] += 1
    return [Fraction(weight, sum(weights)) for weight in weights]


@st.composite
def agreements(draw: Any, most_levels: int = 4) -> Agreement:
    count = 0

    def party(share: Fraction, levels: int) -> Party:
        nonlocal count
        name, count = f"p{count:02}", count + 1
        below = draw(st.integers(0, 3)) if levels else 0
        keeps, *shares = proportions(draw, below + 1)
        parts = tuple(party(part, levels - 1) for part in shares)
        return Party(party=name, role="partner", share=share, keeps=keeps, parts=parts)

    return Agreement(agreement="any", root=party(Fraction(1), draw(st.integers(0, most_levels))))
