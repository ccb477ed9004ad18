"""Problems that are planted in the network: where, when, of whom, how bad."""

from dataclasses import dataclass

import numpy as np

from loaders.generate.catalogue import APPS, MODELS
from loaders.generate.draws import Array, stream
from loaders.generate.options import Options
from loaders.generate.place import SECTORS, Country

SCOPES = ("cell", "site", "device", "app")


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes
    ----------
    scope : str
        ``cell``: radio of one cell, day and night; ``site``: all its cells, in the busy hours;
        ``device``: sessions and calls of one model break; ``app``: its servers are slow.
    targets : tuple[int, ...]
        Cells, or the model, or the app.
    first_day, last_day : int
        From the start, both inclusive.
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


@dataclass(frozen=True)
class Severity:
    """How bad it is on one day, by hour and cell, by model, and by app; 0: as it should be."""

    by_cell: Array
    by_model: Array
    by_app: Array


def plant(options: Options, country: Country, crowd: Array) -> list[Problem]:
    """Return the problems; cells and sites are taken from the busier half of the country.

    Parameters
    ----------
    crowd
        How many people live in each cell.
    """
    rng = stream(options.seed, "problems")
    busy = np.argsort(-crowd, kind="stable")[: max(1, country.cells // 2)]
    taken: set[int] = set()
    return [
        _problem(SCOPES[number % len(SCOPES)], options.days, busy, taken, rng)
        for number in range(options.problems)
    ]


def _problem(
    scope: str, days: int, busy: Array, taken: set[int], rng: np.random.Generator
) -> Problem:
    # Short ones start soon, for the sake of few days; each lasts for at least half of what is left.
    first = int(rng.integers(0, max(1, min(days // 4, 14)) + 1)) if days > 1 else 0
    last = first + int(rng.integers(2, 15))
    free = [int(cell) for cell in busy if int(cell) // SECTORS not in taken] or [int(busy[0])]
    cell = free[int(rng.integers(0, len(free)))]
    hours, targets = (0, 24), [cell]
    if scope in ("cell", "site"):
        taken.add(cell // SECTORS)
    if scope == "site":
        hours = (17, 22)
        targets = [cell // SECTORS * SECTORS + sector for sector in range(SECTORS)]
    elif scope == "device":
        targets = [int(rng.integers(0, len(MODELS)))]
    elif scope == "app":
        targets = [int(rng.integers(0, len(APPS) // 3))]
    severity = round(float(rng.uniform(0.6, 0.95)), 2)
    return Problem(scope, tuple(targets), first, last, *hours, severity)


def severity_of_day(problems: list[Problem], day: int, cells: int) -> Severity:
    """Return how bad things are on a day; of several problems the worst counts."""
    found = Severity(np.zeros((24, cells), np.float32), np.zeros(len(MODELS)), np.zeros(len(APPS)))
    for problem in problems:
        if problem.first_day <= day <= problem.last_day:
            targets = list(problem.targets)
            if problem.scope == "device":
                _raise(found.by_model, targets, problem.severity)
            elif problem.scope == "app":
                _raise(found.by_app, targets, problem.severity)
            else:
                for hour in range(problem.first_hour, problem.last_hour):
                    _raise(found.by_cell[hour], targets, problem.severity)
    return found


def _raise(levels: Array, at: list[int], severity: float) -> None:
    levels[at] = np.maximum(levels[at], severity)
