"""Problems that are planted in the network: where, when, of whom, how bad."""

from dataclasses import dataclass

import numpy as np

from loaders.generate.catalogue import APPS, MODELS
from loaders.generate.draws import Array, stream
from loaders.generate.options import Options
from loaders.generate.place import SECTORS, Country

_HEALTHY_DAYS = 4  # between two episodes of a problem
_USUAL_DAYS = 6  # before messages first fail


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes
    ----------
    scope : str
        One of ``options.SCOPES``. ``cell``: radio of one cell, day and night; ``site``: all its
        cells, in the busy hours; ``device``: sessions and calls of one model break; ``app``: its
        servers are slow; ``voice``: calls from and to one cell break, its data is as it should be;
        ``subscriber``: one person's radio is bad wherever they are; ``messages``: the centre that
        passes text messages on loses them, or is slow, for everybody.
    targets : tuple[int, ...]
        Cells, or the model, the app, or the person; 0 of messages.
    first_day, last_day : int
        From the start, both inclusive; of the first episode.
    episodes : int
        How often it comes; each episode is as long as the first and begins four days after the
        one before has ended.
    first_hour, last_hour : int
        Of each day, the last one exclusive.
    severity : float
        In (0, 1].
    """

    scope: str
    targets: tuple[int, ...]
    first_day: int
    last_day: int
    first_hour: int
    last_hour: int
    severity: float
    episodes: int = 1

    def days(self) -> list[tuple[int, int]]:
        """Return the first and the last day of each episode."""
        apart = self.last_day - self.first_day + 1 + _HEALTHY_DAYS
        shifts = (apart * number for number in range(self.episodes))
        return [(self.first_day + shift, self.last_day + shift) for shift in shifts]


@dataclass(frozen=True)
class Severity:
    """How bad it is on one day; 0: as it should be.

    Attributes
    ----------
    by_cell : Array
        Radio, by hour and cell.
    by_voice : Array
        Calls, by cell.
    by_message : Array
        Text messages; of length 1.
    """

    by_cell: Array
    by_model: Array
    by_app: Array
    by_voice: Array
    by_person: Array
    by_message: Array


def plant(options: Options, country: Country, crowd: Array, activity: Array) -> list[Problem]:
    """Return the problems; cells and sites are taken from the busier half of the country.

    Parameters
    ----------
    crowd
        How many people live in each cell.
    activity
        How much each person uses the network: problems are those of the busier half.
    """
    rng = stream(options.seed, "problems")
    busy = np.argsort(-crowd, kind="stable")[: max(1, country.cells // 2)]
    taken: set[int] = set()
    active = np.argsort(-activity, kind="stable")[: len(activity) // 2]
    return [
        _problem(options.scopes[number % len(options.scopes)], options, busy, active, taken, rng)
        for number in range(options.problems)
    ]


def _problem(
    scope: str, options: Options, busy: Array, active: Array, taken: set[int],
    rng: np.random.Generator,
) -> Problem:  # fmt: skip
    # Short ones start soon, for the sake of few days; each lasts for at least half of what is left.
    days, episodes = options.days, options.episodes
    first = int(rng.integers(0, max(1, min(days // 4, 14)) + 1)) if days > 1 else 0
    last = first + int(rng.integers(2, 15 if episodes == 1 else 4))
    free = [int(cell) for cell in busy if int(cell) // SECTORS not in taken] or [int(busy[0])]
    cell = free[int(rng.integers(0, len(free)))]
    hours, targets = (0, 24), [cell]
    if scope in ("cell", "site", "voice"):
        taken.add(cell // SECTORS)
    if scope == "site":
        hours = (17, 22)
        targets = [cell // SECTORS * SECTORS + sector for sector in range(SECTORS)]
    elif scope == "device":
        targets = [int(rng.integers(0, len(MODELS)))]
    elif scope == "app":
        targets = [int(rng.integers(0, len(APPS) // 3))]
    elif scope == "subscriber":
        targets = [int(active[int(rng.integers(0, len(active)))])]
    elif scope == "messages":
        # A service has no peers: days before it tell what is usual.
        later = max(0, _USUAL_DAYS - first)
        first, last = first + later, last + later
        targets = [0]
    severity = round(float(rng.uniform(0.6, 0.95)), 2)
    return Problem(scope, tuple(targets), first, last, *hours, severity, episodes)


def severity_of_day(problems: list[Problem], day: int, cells: int, people: int) -> Severity:
    """Return how bad things are on a day; of several problems the worst counts."""
    found = Severity(
        np.zeros((24, cells), np.float32), np.zeros(len(MODELS)), np.zeros(len(APPS)),
        np.zeros(cells), np.zeros(people), np.zeros(1),
    )  # fmt: skip
    levels = {
        "device": found.by_model,
        "app": found.by_app,
        "voice": found.by_voice,
        "subscriber": found.by_person,
        "messages": found.by_message,
    }
    for problem in problems:
        if any(first <= day <= last for first, last in problem.days()):
            targets = list(problem.targets)
            if problem.scope in levels:
                _raise(levels[problem.scope], targets, problem.severity)
            else:
                for hour in range(problem.first_hour, problem.last_hour):
                    _raise(found.by_cell[hour], targets, problem.severity)
    return found


def _raise(levels: Array, at: list[int], severity: float) -> None:
    levels[at] = np.maximum(levels[at], severity)
