"""Where people are: at home, at work, or at one of their other places, hour by hour.

A pure function of person and hour, so that calls, sessions and signalling agree about it.
"""

import numpy as np

from loaders.generate.draws import Array, noise
from loaders.generate.subscriber import PLACES, People

_SLOT_H = 2
_NIGHT, _WORKTIME, _FREETIME = range(3)
_OTHERS = 1 / np.arange(1, PLACES - 1) ** 1.2  # Zipf's law of visits: Gonzalez et al. 2008
_OTHERS = _OTHERS / _OTHERS.sum()
_SHARES = np.array(
    [
        [0.97, 0.01, *(0.02 * _OTHERS)],
        [0.08, 0.85, *(0.07 * _OTHERS)],
        [0.60, 0.05, *(0.35 * _OTHERS)],
    ]
)
_UP_TO = np.cumsum(_SHARES, axis=1)[:, :-1]


def whereabouts(
    people: People, who: Array, day: int, second: Array, is_weekend: bool, salted: int
) -> Array:
    """Return the cell where each one is at a second of a day.

    Parameters
    ----------
    day
        From the start.
    salted
        The salt of ``noise``.
    """
    hour = second // 3600
    is_night = (hour < 7) | (hour >= 23)
    is_worktime = (hour >= 9) & (hour < 17) & (not is_weekend)
    regime = np.where(is_night, _NIGHT, np.where(is_worktime, _WORKTIME, _FREETIME))
    chance = noise(salted, who, day * 24 // _SLOT_H + hour // _SLOT_H)
    place = (chance[:, np.newaxis] >= _UP_TO[regime]).sum(axis=1)
    cells: Array = people.places[who, place]
    return cells
