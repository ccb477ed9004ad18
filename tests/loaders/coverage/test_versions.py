"""Which version counts when, against asking every version at every instant."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.coverage.versions import in_force

FIRST, LAST = 0, 30
pairs = st.tuples(st.integers(FIRST, LAST), st.integers(FIRST, LAST)).map(
    lambda pair: (min(pair), max(pair))
)


def chosen(versions: list[tuple[int, int]], at: int) -> int:
    """Return the version by the words of the rule: in force, else nearest; ties to the last."""
    holding = [index for index, (since, until) in enumerate(versions) if since <= at < until]
    if holding:
        return max(holding)
    away = [since - at if at < since else at - until for since, until in versions]
    nearest = [index for index, distance in enumerate(away) if distance == min(away)]
    # Halfway between two, the later counts: the one that is still to begin.
    coming = [index for index in nearest if versions[index][0] > at]
    return max(coming or nearest)


@given(st.lists(pairs, min_size=1, max_size=6).map(sorted))
def test_every_instant_has_the_version_of_the_rule(versions: list[tuple[int, int]]) -> None:
    told = list(in_force(versions, FIRST, LAST))
    assert told[0][0] == FIRST
    assert told[-1][1] == LAST
    assert all(one[1] == other[0] for one, other in pairwise(told))
    for at in range(FIRST, LAST):
        (version,) = (index for since, until, index in told if since <= at < until)
        assert version == chosen(versions, at), at


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([(10, 20)], [(0, 30, 0)]),
        ([(0, 10), (10, 30)], [(0, 10, 0), (10, 30, 1)]),
        ([(0, 10), (15, 30)], [(0, 13, 0), (13, 30, 1)]),
        ([(0, 30), (10, 20)], [(0, 10, 0), (10, 20, 1), (20, 30, 0)]),
    ],
    ids=["one", "one after the other", "a gap of five", "one within the other"],
)
def test_versions_follow_each_other(
    versions: list[tuple[int, int]], told: list[tuple[int, int, int]]
) -> None:
    assert list(in_force(versions, FIRST, LAST)) == told
