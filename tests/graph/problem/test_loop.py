"""Problems open, are verified, close, and open again, by what the scores do."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from graph.problem.identify import Seen, identify
from graph.problem.loop import Now, follow
from graph.problem.problem import Problem, acted
from graph.problem.verify import Standing, verdict
from tests.graph.problem.handmade import Fall, seen_of
from tests.graph.problem.planted import lab

_START = datetime(2026, 1, 6, tzinfo=UTC)  # the morning after the first day


class _Desk:
    """Keeps problems and what happened to them, as a store does."""

    def __init__(self) -> None:
        self.problems: dict[str, Problem] = {}
        self.told: list[tuple[int, str, str]] = []
        self._numbers = count(1)

    def look(self, day: int, seen: Seen) -> None:
        now = Now(_START + timedelta(days=day), lambda: f"p{next(self._numbers)}")
        for step in follow(self.problems.values(), seen, now):
            self.problems[step.problem.problem_id] = step.problem
            self.told += [(day, step.problem.problem_id, one.action) for one in step.entries]

    def look_all(self, fall: Fall) -> "_Desk":
        for day, seen in enumerate(seen_of(fall)):
            self.look(day, seen)
        return self


def test_a_problem_closes_when_the_score_has_recovered_and_opens_when_it_falls_again() -> None:
    """The cell is ill on days 4 to 6, well on 7 to 9, and ill again from 10 on."""
    ill = [4, 5, 6, 10, 11]
    desk = _Desk().look_all(
        lambda row: 15.0 * ((row["cell"] == 4) & (sum(row["day"] == day for day in ill) > 0))
    )
    assert [(day, action) for day, name, action in desk.told if name == "p1"] == [
        (4, "open"),
        (7, "verify"),
        (8, "close"),
        (10, "reopen"),
    ]
    assert list(desk.problems) == ["p1"]
    problem = desk.problems["p1"]
    assert (problem.state, problem.reopened) == ("open", 1)


def test_what_is_called_resolved_but_still_falls_is_opened_again() -> None:
    desk = _Desk()
    for day, seen in enumerate(seen_of(lambda row: 15.0 * (row["cell"] == 4) * (row["day"] > 4))):
        if day == 7:
            for action in ("acknowledge", "resolve"):
                step = acted(desk.problems["p1"], action, "mara", _START)
                desk.problems["p1"] = step.problem
        desk.look(day, seen)
    assert [(day, action) for day, _, action in desk.told] == [(5, "open"), (7, "reopen")]


def test_what_is_only_half_mended_is_not_closed() -> None:
    """The cell falls by 15 points, then by 4, which is more than its band of 2."""
    desk = _Desk().look_all(
        lambda row: (
            (row["cell"] == 4)
            * (15.0 * ((row["day"] == 4) | (row["day"] == 5)) + 4.0 * (row["day"] > 5))
        )
    )
    assert "close" not in [action for _, _, action in desk.told]


def test_looking_again_changes_nothing() -> None:
    days = seen_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] == 4)))
    desk = _Desk()
    for day, seen in enumerate(days):
        desk.look(day, seen)
    before, told = dict(desk.problems), list(desk.told)
    for day, seen in enumerate(days):
        desk.look(day, seen)
    assert (desk.problems, desk.told) == (before, told)


def test_a_dismissed_problem_stays_so_while_it_goes_on() -> None:
    desk = _Desk()
    ill = [4, 5, 6, 7, 11]
    days = seen_of(
        lambda row: 15.0 * ((row["cell"] == 4) & (sum(row["day"] == day for day in ill) > 0))
    )
    for day, seen in enumerate(days):
        if day == 5:
            desk.problems["p1"] = acted(desk.problems["p1"], "dismiss", "mara", _START).problem
        desk.look(day, seen)
    assert [(day, name, action) for day, name, action in desk.told] == [
        (4, "p1", "open"),
        (11, "p2", "open"),
    ]
    assert desk.problems["p1"].state == "dismissed"


def test_a_thin_entity_is_not_closed_by_its_silence() -> None:
    """Three samples of variance 64 have an error of 4.6 points: they show nothing."""
    assert verdict(Standing(3, 3.0, 0.0, 3 * 64.0), 2.0) == "undecided"


def test_planted_problems_that_end_are_closed_and_none_before(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Seed 5 of 20,000 people has five problems that end two days and more before the last."""
    made = lab(tmp_path_factory.mktemp("lab"), 20_000, 14, 5, 8)
    desk = _Desk()
    for day, seen in enumerate(identify(made.sums)):
        desk.look(day, seen)
    state = {(one.kind, one.target): one.state for one in desk.problems.values()}
    names = {name: (one.kind, one.target) for name, one in desk.problems.items()}
    closed = {names[name]: day for day, name, action in desk.told if action == "close"}
    assert sum(planted.last_day <= 11 for planted in made.planted) == 5
    for planted in made.planted:
        entity = (planted.kind, str(planted.target))
        if planted.last_day <= 11:
            assert state[entity] == "closed"
            assert closed[entity] in (planted.last_day + 2, planted.last_day + 3)
        elif planted.last_day == 13:
            assert state[entity] == "open"
            assert entity not in closed
    assert len(state) == 8
