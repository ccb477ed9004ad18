"""Sums, orders and statistics within the segments of an array."""

from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Statistic = Literal["mean", "std", "median", "skewness", "kurtosis", "min", "max"]

STATISTICS: tuple[Statistic, ...] = (
    "mean",
    "std",
    "median",
    "skewness",
    "kurtosis",
    "min",
    "max",
)
_COVERED = 0.8  # the share that Pareto indicators ask for


def runs(*keys: Ints) -> tuple[Ints, Ints]:
    """Return the number of every row's run of equal rows.

    Returns
    -------
    codes, first : Ints
        The number of every row's run, and the first row of each run.

    Examples
    --------
    >>> codes, first = runs(np.array([5, 5, 7, 7]), np.array([1, 1, 1, 2]))
    >>> codes.tolist(), first.tolist()
    ([0, 0, 1, 2], [0, 2, 3])
    """
    is_first = np.ones(len(keys[0]), np.bool_)
    if len(is_first):
        is_first[1:] = False
        for key in keys:
            is_first[1:] |= key[1:] != key[:-1]
    return np.cumsum(is_first) - 1, np.flatnonzero(is_first)


def ordered(*keys: Ints) -> Ints:
    """Return the stable order by some columns, the first one first; none is below 0.

    Examples
    --------
    >>> ordered(np.array([2, 1, 1]), np.array([0, 9, 3])).tolist()
    [2, 1, 0]
    """
    spans = [int(key.max(initial=0)) + 1 for key in (*keys, np.arange(len(keys[0])))]
    if np.prod([float(span) for span in spans]) >= 2.0**62:
        return np.lexsort(keys[::-1])
    # One whole number for key and row sorts many times faster than several columns do.
    combined = keys[0]
    for key, span in zip((*keys[1:], np.arange(len(keys[0]))), spans[1:], strict=True):
        combined = combined * span + key
    combined = np.sort(combined)
    return np.asarray(combined % spans[-1])


def totals(segment: Ints, size: int, values: npt.NDArray[np.generic] | None = None) -> Floats:
    """Return the sum of the values, or the number of rows, in each segment."""
    found = np.bincount(segment, values, minlength=size)
    return np.asarray(found, np.float64)


def ratio(above: Floats, below: Floats | Ints) -> Floats:
    """Return a quotient, NaN where the divisor is 0.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = above / below
    found[below == 0] = np.nan
    return np.asarray(found)


def entropy(counts: Floats, segment: Ints, size: int) -> Floats:
    """Return Shannon's entropy in nats of the counts in each segment; NaN where there is none.

    Parameters
    ----------
    counts : Floats
        Each above 0.

    Examples
    --------
    >>> entropy(np.array([1.0, 1.0, 4.0]), np.array([0, 0, 1]), 3).round(4).tolist()
    [0.6931, 0.0, nan]
    """
    total = totals(segment, size, counts)
    share = counts / total[segment]
    found = totals(segment, size, share * np.log(share))
    return np.where(total > 0, np.abs(found), np.nan)


def covering(counts: Floats, segment: Ints, size: int) -> Floats:
    """Return how many of the greatest counts of each segment reach 80 % of its total, rounded up.

    Parameters
    ----------
    counts : Floats
        Whole numbers from 0.

    Examples
    --------
    >>> covering(np.array([7.0, 1.0, 2.0]), np.array([0, 0, 0]), 1).tolist()
    [2.0]
    """
    total = totals(segment, size, counts)
    greatest = counts.max(initial=0)
    descending = within(segment, (greatest - counts).astype(np.int64))
    owner = np.repeat(np.arange(size), np.bincount(segment, minlength=size))
    counted = greatest - descending
    before = np.cumsum(counted) - counted
    start = np.cumsum(total) - total
    is_needed = before - start[owner] < np.ceil(total * _COVERED)[owner]
    return totals(owner[is_needed], size)


def within(segment: Ints, values: Ints) -> Ints:
    """Return whole numbers from 0, sorted by segment and then by themselves."""
    span = int(values.max(initial=0)) + 1
    if (float(segment.max(initial=0)) + 1) * span < 2.0**62:
        return np.asarray(np.sort(segment * span + values) % span)
    return np.asarray(values[np.lexsort((values, segment))])


class Summary:
    """The statistics of the values in each segment, each made when it is asked for.

    Moments are those of the population. Skewness and kurtosis of equal values are 0, as in
    bandicoot; every statistic of no value is NaN.

    Parameters
    ----------
    values : Ints
        None below 0.
    divisor : Floats or float
        What each segment's values are divided by.

    Examples
    --------
    >>> found = Summary(np.array([0, 1, 5]), np.array([0, 0, 0]), 1)
    >>> [round(float(found.statistic(name)[0]), 4) for name in STATISTICS]
    [2.0, 2.1602, 1.0, 0.5952, 1.5, 0.0, 5.0]
    """

    def __init__(
        self, values: Ints, segment: Ints, size: int, divisor: Floats | float = 1.0
    ) -> None:
        self._values, self._segment, self._size = values, segment, size
        self._divisor: Floats = np.broadcast_to(divisor, size)

    def statistic(self, name: Statistic) -> Floats:
        """Return one of the statistics."""
        if name == "skewness":
            return self._moment(3)
        if name == "kurtosis":
            return self._moment(4)
        return ratio(self._in_unit(name), self._divisor)

    def _in_unit(self, name: Statistic) -> Floats:
        match name:
            case "mean":
                return self._mean
            case "std":
                return np.sqrt(self._variance)
            case "median":
                return (self._ranked(0.5, 0) + self._ranked(0.5, -1)) / 2
            case "min":
                return self._ranked(0, 0)
            case _:
                return self._ranked(1, -1)

    @cached_property
    def _count(self) -> Ints:
        return np.bincount(self._segment, minlength=self._size)

    @cached_property
    def _mean(self) -> Floats:
        return ratio(totals(self._segment, self._size, self._values), self._count)

    @cached_property
    def _from_mean(self) -> Floats:
        return np.asarray(self._values - self._mean[self._segment])

    @cached_property
    def _squares(self) -> Floats:
        return self._from_mean * self._from_mean

    @cached_property
    def _variance(self) -> Floats:
        return ratio(totals(self._segment, self._size, self._squares), self._count)

    @cached_property
    def _ordered(self) -> Ints:
        return within(self._segment, self._values)

    def _moment(self, degree: Literal[3, 4]) -> Floats:
        powers = self._squares * (self._from_mean if degree == 3 else self._squares)
        moment = ratio(totals(self._segment, self._size, powers), self._count)
        standardised = ratio(moment, self._variance ** (degree / 2))
        return np.where(self._variance == 0, 0.0, standardised)

    def _ranked(self, share: float, offset: int) -> Floats:
        """Return the value at a share of each segment's count, counted from its start."""
        rank = np.minimum((self._count + offset) * share, self._count - 1).astype(np.int64)
        start = np.cumsum(self._count) - self._count
        found = np.full(self._size, np.nan)
        has = self._count > 0
        found[has] = self._ordered[(start + rank)[has]]
        return found


def spread(values: Floats, owner: Ints, size: int) -> tuple[Floats, Floats]:
    """Return mean and population deviation over each owner's values; NaN does not count."""
    is_known = ~np.isnan(values)
    known, whose = (values, owner) if is_known.all() else (values[is_known], owner[is_known])
    count = np.bincount(whose, minlength=size)
    mean = ratio(totals(whose, size, known), count)
    variance = ratio(totals(whose, size, (known - mean[whose]) ** 2), count)
    return mean, np.sqrt(variance)
