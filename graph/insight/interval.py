"""Estimates with the interval that holds the true value in about 95 of 100 cases.

The operator sees its own subscribers only; an interval says how far a whole population, of which
they are a random part, may differ.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

from pydantic import BaseModel, ConfigDict

_Z = 1.959963984540054  # quantile of the normal distribution at 0.975


class Measure(BaseModel):
    """A value and its interval."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


def share(part: int, whole: int) -> Measure:
    """Return a share with the interval of Wilson (1927), which stays within 0 and 1.

    Examples
    --------
    >>> told = share(20, 80)
    >>> round(told.value, 3), round(told.low, 3), round(told.high, 3)
    (0.25, 0.168, 0.355)
    """
    value = part / whole
    weight = _Z**2 / whole
    middle = (value + weight / 2) / (1 + weight)
    width = _Z * sqrt(value * (1 - value) / whole + weight / (4 * whole)) / (1 + weight)
    return Measure(value=value, low=max(0.0, middle - width), high=min(1.0, middle + width))


def mean(values: Sequence[float]) -> Measure:
    """Return a mean with its normal interval; of at least two values."""
    value, width = fmean(values), _Z * stdev(values) / sqrt(len(values))
    return Measure(value=value, low=value - width, high=value + width)


def growth(before: int, now: int, stayed: int) -> Measure:
    """Return how much a number grew, by part of what it was.

    Those who stayed cancel out; who came and who went are taken for independent Poisson numbers.
    """
    value = now / before - 1
    width = _Z * sqrt(now - stayed + before - stayed) / before
    return Measure(value=value, low=value - width, high=value + width)
