import numpy as np

from graph.community.stable import names

KEYS = np.array(list("abcdefgh"))


def _called(community: list[int], former: dict[str, str] | None = None) -> list[str]:
    return names(KEYS[: len(community)], np.array(community), former or {}, 1)


def _of(name: str, members: str) -> dict[str, str]:
    return dict.fromkeys(members, name)


def test_new_communities_have_names_of_their_own_that_are_the_same_every_time() -> None:
    first = _called([0, 0, 0, 1, 1])
    assert len(set(first)) == 2
    assert all(name.startswith("1-") for name in first)
    assert _called([0, 0, 0, 1, 1]) == first


def test_of_a_split_the_larger_part_keeps_the_name() -> None:
    before = _of("x", "abcde")
    small, large = _called([1, 1, 1, 0, 0], before)
    assert (large, small != "x") == ("x", True)


def test_of_a_merger_the_name_that_brought_most_stays() -> None:
    assert _called([0, 0, 0, 0, 0], _of("x", "ab") | _of("y", "cde")) == ["y"]


def test_equals_are_matched_by_name() -> None:
    assert _called([0, 0, 0, 0], _of("x", "ab") | _of("y", "cd")) == ["x"]


def test_who_comes_and_goes_does_not_rename_a_community() -> None:
    before = _of("x", "abc") | _of("y", "de")
    assert _called([0, 0, 1, 1, 1], before) == ["x", "y"]


def test_nobody_has_no_community() -> None:
    assert names(np.array([], np.str_), np.array([], np.int64), {"gone": "x"}, 1) == []
