"""Sectors and circles, drawn on an equal-area map around their antenna."""

import math

import numpy as np
import numpy.typing as npt

from loaders.coverage.sphere import Floats, flat_m

_STEP_DEG = 5.0


def sector(azimuth_deg: float, beam_deg: float, range_m: float) -> Floats:
    """Return the corners of a sector; the antenna stands at the origin.

    The arc is drawn in steps of at most 5 degrees, a little outside the true one, so that the
    area is exact; the outline is off by less than 0.1 % of the range.

    Parameters
    ----------
    azimuth_deg : float
        Where it points, clockwise from north.
    beam_deg : float
        How wide it is, above 0; 360 and more is a circle.

    Examples
    --------
    >>> sector(90, 60, 1000)[[0, 7]].round(6)
    array([[   0.      ,    0.      ],
           [1000.634981,    0.      ]])
    """
    if beam_deg >= 360:
        return _arc(0, 360, range_m)[:-1]
    return np.vstack([np.zeros((1, 2)), _arc(azimuth_deg - beam_deg / 2, beam_deg, range_m)])


def circle(range_m: float) -> Floats:
    """Return the corners of a circle around the origin."""
    return sector(0, 360, range_m)


def centroid(azimuth_deg: npt.ArrayLike, beam_deg: npt.ArrayLike, range_m: npt.ArrayLike) -> Floats:
    """Return where the centroids of sectors lie on their maps: ``4 r sin(b / 2) / 3 b`` ahead.

    Examples
    --------
    >>> centroid([90.0], [180.0], [3000.0]).round(3)  # of a half disk: 4 r / 3 pi
    array([[1273.24,    0.  ]])
    """
    azimuth, beam = np.radians(azimuth_deg), np.radians(beam_deg)
    ahead = 4 * flat_m(range_m) * np.sin(beam / 2) / (3 * beam)
    return np.stack([ahead * np.sin(azimuth), ahead * np.cos(azimuth)], axis=-1)


def _arc(start_deg: float, width_deg: float, range_m: float) -> Floats:
    steps = math.ceil(width_deg / _STEP_DEG)
    step = math.radians(width_deg / steps)
    radius = flat_m(range_m) * math.sqrt(step / math.sin(step))
    turns = math.radians(start_deg) + step * np.arange(steps + 1)
    return np.stack([radius * np.sin(turns), radius * np.cos(turns)], axis=-1)
