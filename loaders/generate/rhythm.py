"""When people do what: by the hour, the day of the week and their own clock."""

import numpy as np

from loaders.generate.draws import Array

DAY_S = 86_400
_STEPS = 4096

# Relative traffic of each hour from midnight, UTC. Made up; docs/generate.md shows how it compares.
_HOURS = {
    "talk": "10 7 4 3 3 4 8 18 30 42 50 58 66 60 60 68 78 90 76 64 56 44 32 20",
    "text": "13 8 4 2 2 3 9 26 40 50 54 58 64 60 58 60 66 70 66 66 68 64 52 30",
    "office": "1 1 1 1 1 2 8 30 70 95 100 90 75 85 95 90 75 40 20 12 8 5 3 2",
    "data": "26 15 9 6 6 9 22 42 52 54 55 58 64 60 58 60 64 70 76 84 92 92 74 46",
    "network": "26 24 22 22 22 25 35 50 58 60 60 60 62 60 60 62 66 66 60 54 50 44 36 30",
}
PROFILES = tuple(_HOURS)
TALK, TEXT, OFFICE, DATA, NETWORK = range(len(PROFILES))
_WEEK = {  # Monday to Sunday
    TALK: (0.97, 0.98, 1.0, 1.03, 1.12, 1.02, 0.88),
    OFFICE: (1.3, 1.32, 1.32, 1.3, 1.2, 0.33, 0.23),
    DATA: (0.97, 0.97, 0.98, 0.99, 1.02, 1.05, 1.02),
}


def _inverse() -> Array:
    rows = []
    for text in _HOURS.values():
        hours = [int(number) for number in text.split()]
        cumulated = np.concatenate([[0], np.cumsum(hours)]) / sum(hours)
        levels = np.linspace(0, 1, _STEPS + 1)
        rows.append(np.interp(levels, cumulated, np.arange(25) * 3600.0))
    return np.array(rows)


_INVERSE = _inverse()


def seconds_of_day(profile: Array | int, shift_s: Array, rng: np.random.Generator) -> Array:
    """Draw a second of the day for each, by profile and own clock."""
    at = rng.random(len(shift_s)) * _STEPS
    step = at.astype(np.int64)
    low, high = _INVERSE[profile, step], _INVERSE[profile, step + 1]
    seconds: Array = ((low + (at - step) * (high - low)).astype(np.int64) + shift_s) % DAY_S
    return seconds


def weight_of_day(profile: int, weekday: int) -> float:
    """Return how much traffic a day of the week (0: Monday) has, relative to the mean."""
    return _WEEK[profile][weekday]
