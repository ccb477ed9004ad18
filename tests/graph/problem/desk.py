"""Whoever keeps problems and what happened to them, as a store does."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from graph.problem.identify import Seen
from graph.problem.loop import Now, follow
from graph.problem.problem import Problem

START = datetime(2026, 1, 6, tzinfo=UTC)  # the morning after the first day


class Desk:
    """Keeps problems and what happened to them, as a store does."""

    def __init__(self) -> None:
        self.problems: dict[str, Problem] = {}
        self.told: list[tuple[int, str, str]] = []
        self._numbers = count(1)

    def look(self, day: int, seen: Seen) -> None:
        now = Now(START + timedelta(days=day), lambda: f"p{next(self._numbers)}")
        for step in follow(self.problems.values(), seen, now):
            self.problems[step.problem.problem_id] = step.problem
            self.told += [(day, step.problem.problem_id, one.action) for one in step.entries]

    def look_all(self, days: Iterable[Seen]) -> "Desk":
        for day, seen in enumerate(days):
            self.look(day, seen)
        return self
