"""Problems open, are verified, close, and open again, by what the scores do."""

from graph.problem.problem import acted
from graph.problem.verify import Standing, verdict
from tests.graph.problem.desk import START, Desk
from tests.graph.problem.handmade import seen_of


def test_a_problem_closes_when_the_score_has_recovered_and_opens_when_it_falls_again() -> None:
    """The cell is ill on days 4 to 6, well on 7 to 9, and ill again from 10 on."""
    ill = [4, 5, 6, 10, 11]
    days = seen_of(
        lambda row: 15.0 * ((row["cell"] == 4) & (sum(row["day"] == day for day in ill) > 0))
    )
    desk = Desk().look_all(days)
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
    desk = Desk()
    for day, seen in enumerate(seen_of(lambda row: 15.0 * (row["cell"] == 4) * (row["day"] > 4))):
        if day == 7:
            for action in ("acknowledge", "resolve"):
                step = acted(desk.problems["p1"], action, "mara", START)
                desk.problems["p1"] = step.problem
        desk.look(day, seen)
    assert [(day, action) for day, _, action in desk.told] == [(5, "open"), (7, "reopen")]


def test_what_is_only_half_mended_is_not_closed() -> None:
    """The cell falls by 15 points, then by 4, which is more than its band of 2."""
    days = seen_of(
        lambda row: (
            (row["cell"] == 4)
            * (15.0 * ((row["day"] == 4) | (row["day"] == 5)) + 4.0 * (row["day"] > 5))
        )
    )
    desk = Desk().look_all(days)
    assert "close" not in [action for _, _, action in desk.told]


def test_looking_again_changes_nothing() -> None:
    days = seen_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] == 4)))
    desk = Desk()
    for day, seen in enumerate(days):
        desk.look(day, seen)
    before, told = dict(desk.problems), list(desk.told)
    for day, seen in enumerate(days):
        desk.look(day, seen)
    assert (desk.problems, desk.told) == (before, told)


def test_a_dismissed_problem_stays_so_while_it_goes_on() -> None:
    desk = Desk()
    ill = [4, 5, 6, 7, 11]
    days = seen_of(
        lambda row: 15.0 * ((row["cell"] == 4) & (sum(row["day"] == day for day in ill) > 0))
    )
    for day, seen in enumerate(days):
        if day == 5:
            desk.problems["p1"] = acted(desk.problems["p1"], "dismiss", "mara", START).problem
        desk.look(day, seen)
    assert [(day, name, action) for day, name, action in desk.told] == [
        (4, "p1", "open"),
        (11, "p2", "open"),
    ]
    assert desk.problems["p1"].state == "dismissed"


def test_a_thin_entity_is_not_closed_by_its_silence() -> None:
    """Three samples of variance 64 have an error of 4.6 points: they show nothing."""
    assert verdict(Standing(3, 3.0, 0.0, 3 * 64.0), 2.0) == "undecided"
