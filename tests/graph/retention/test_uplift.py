"""Campaigns measured: against published numbers, another program, and by hand."""

import numpy as np
import pytest

from graph.errors import BadInput
from graph.retention.uplift import controls, maximum_profit_uplift, qini, uplift

_SCORES = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2, 0.1])
_CALLED = np.array([1, 0, 1, 1, 0, 1, 0, 1, 0, 0]) > 0
_STAYED = np.array([1, 0, 1, 1, 1, 0, 1, 1, 0, 1]) > 0


def test_the_interval_of_an_uplift_is_newcombes() -> None:
    """Example (a) of Newcombe 1998, 56 of 70 against 48 of 80: 0.0524 to 0.3339 by method 10."""
    is_called = np.repeat([True, True, False, False], [56, 14, 48, 32])
    stayed = np.repeat([True, False, True, False], [56, 14, 48, 32])
    found = uplift(is_called, stayed)
    assert (found.called, found.control) == (0.8, 0.6)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_the_qini_curve_is_that_of_another_program() -> None:
    """The points are those of scikit-uplift 0.5.1; the area is 13 - 10 x 1 / 2, by hand."""
    found = qini(_SCORES, _CALLED, _STAYED)
    assert found.counts.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert found.more.tolist() == pytest.approx([0, 1, 2, 3, 1.5, 1, 1 / 3, 2 / 3, 1.5, 1])
    assert found.coefficient == pytest.approx(0.08)


def test_the_most_profit_is_where_calling_more_costs_more_than_it_keeps() -> None:
    """Of the best four, all three called stayed and the control left: 0.4 (100 - 5 - 1)."""
    found = maximum_profit_uplift(
        _SCORES, _CALLED, _STAYED, value=100.0, incentive=5.0, contact=1.0
    )
    assert (found.profit, found.share) == pytest.approx((37.6, 0.4))
    dear = maximum_profit_uplift(_SCORES, _CALLED, _STAYED, value=100.0, contact=200.0)
    assert (dear.profit, dear.share) == (0, 0)


def test_the_control_group_is_drawn_once_and_for_all() -> None:
    """A part of the right size, the same in any order, another for another campaign."""
    keys = [f"subscriber {number}" for number in range(1_000)]
    drawn = controls("spring", keys, 0.2)
    assert len(drawn) == 200
    assert drawn == controls("spring", keys[::-1], 0.2)
    assert 20 <= len(drawn & controls("autumn", keys, 0.2)) <= 60  # 40 in the mean
    assert controls("spring", keys, 0) == controls("spring", [], 0.5) == set()
    with pytest.raises(BadInput):
        controls("spring", keys, 1.1)


@pytest.mark.parametrize("group", [True, False])
def test_one_group_alone_tells_nothing(group: bool) -> None:
    is_called, stayed = np.full(5, group), np.ones(5, np.bool_)
    for judge in (uplift, lambda a, b: qini(np.ones(5), a, b)):
        with pytest.raises(BadInput, match="both"):
            judge(is_called, stayed)
