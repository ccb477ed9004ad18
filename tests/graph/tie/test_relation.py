"""What two are to each other, by hand."""

import numpy as np
import pytest

from graph.projection import Projection
from graph.tie.overlap import overlaps
from graph.tie.relation import Hint, Shared, hints, relation
from graph.tie.strength import with_strength

_DAY_US = 86_400_000_000


@pytest.fixture
def ties() -> Projection:
    """Ann and Bob call each other; both call Cyd, Ann alone calls Dan, Dan calls Ann once more."""
    ends = np.array([(0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (3, 0)], np.int32)
    ones = np.ones(6, np.int64)
    columns = {
        "calls": np.array([4, 1, 1, 2, 1, 3]),
        "messages": 0 * ones,
        "duration_s": np.array([600, 0, 0, 60, 0, 0]),
        "active_days": ones,
        "first_at": 0 * ones,
        "last_at": np.array([0, 0, 0, 60, 0, 0]) * _DAY_US,
        "office": np.array([0, 1, 1, 1, 1, 3]),
    }
    keys = np.array(["ann", "bob", "cyd", "dan"])
    return with_strength(Projection(keys, "1", ends[:, 0], ends[:, 1], columns))


def test_both_ways_are_as_the_whole_graph_has_them(ties: Projection) -> None:
    whole = ties.columns["strength"]
    found = relation(ties, "ann", "bob")
    assert found.outgoing
    assert found.incoming
    assert found.outgoing["strength"] == whole[0]
    assert found.incoming["strength"] == whole[3]
    assert (found.outgoing["duration"], found.outgoing["reciprocity"]) == (0.5, 0.5)
    assert (found.outgoing["recency"], found.incoming["recency"]) == (0.5, 1)
    assert found.outgoing["frequency"] == pytest.approx(4 / 14)
    back = relation(ties, "bob", "ann")
    assert (back.outgoing, back.incoming) == (found.incoming, found.outgoing)


def test_one_way_and_none(ties: Projection) -> None:
    assert relation(ties, "ann", "cyd").incoming is None
    nothing = relation(ties, "cyd", "dan")
    assert (nothing.outgoing, nothing.incoming) == (None, None)


def test_overlap_is_that_of_all_pairs(ties: Projection) -> None:
    """Ann knows Bob, Cyd and Dan, Bob knows Ann and Cyd: Cyd of Cyd and Dan."""
    assert relation(ties, "ann", "bob").overlap == 0.5
    every = overlaps(ties.contacts)
    rows, columns = ties.contacts.nonzero()
    for at, (one, other) in enumerate(zip(rows, columns, strict=True)):
        found = relation(ties, str(ties.keys[one]), str(ties.keys[other]))
        assert found.overlap == pytest.approx(every[at])


def test_hints_say_by_what(ties: Projection) -> None:
    """Ann and Bob had 1 of 6 calls in office hours, Ann and Dan 4 of 4."""
    home, work, both = Shared("h", None), Shared(None, "w"), Shared("h", "w")
    assert hints(Shared(None, None), (), ties, "ann", "bob") == []
    assert hints(home, (), ties, "ann", "bob") == [Hint("household", "h", 5 / 6, is_stated=False)]
    assert hints(work, (), ties, "ann", "bob") == []
    assert hints(work, (), ties, "ann", "dan") == [Hint("colleague", "w", 1.0, is_stated=False)]
    assert hints(home, (), ties, "ann", "dan") == []
    assert hints(both, (), None, "ann", "bob") == [Hint("household", "h", None, is_stated=False)]
    stated = hints(Shared(None, None), ["colleague"], None, "ann", "bob")
    assert stated == [Hint("colleague", None, None, is_stated=True)]
