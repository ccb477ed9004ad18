"""What samples are expected to score: as others of their service and technology, at that hour."""

from dataclasses import dataclass

import numpy as np

from graph.problem.baseline import PEERS, excess_variance
from graph.problem.sums import UNKNOWN, Floats, Ints, Mask, Sums, added, quotient

_PAST_SAMPLES = 50.0  # what the past of a stratum weighs, beside today's samples
_LIKE_SAMPLES = 5.0  # what its service and technology weigh, where a stratum has no past
_MANY_SAMPLES = 50  # of a stratum whose mean is known well
_UNKNOWN_SPREAD = 100.0  # points squared, of strata around that, where too few are known
_HOURS = 24


@dataclass(frozen=True)
class Expected:
    """What each row of a window is expected to add up to, if nothing ails it.

    Attributes
    ----------
    mean, variance : Floats
        Of one sample of each row, in points and points squared.
    of_stratum : Floats
        Mean of each stratum, in points; NaN: no sample.
    doubt : Floats
        Variance of what is expected of each stratum, in points squared.
    """

    mean: Floats
    variance: Floats
    of_stratum: Floats
    doubt: Floats

    def shortfall(self, sums: Sums) -> Floats:
        """Return by how much each row falls short, in points times samples."""
        return sums.n * self.mean - sums.score

    def doubt_of(self, codes: Ints, size: int, sums: Sums, n: Floats) -> Floats:
        """Return the variance of what is expected of each entity's mean, in points squared.

        Parameters
        ----------
        codes, size
            The entity of each row, and how many there are.
        n
            Samples of each row that count.
        """
        pair = np.where(codes == UNKNOWN, UNKNOWN, codes * sums.strata + sums.stratum)
        samples = added(pair, size * sums.strata, n).reshape(size, sums.strata)
        return quotient((samples**2) @ self.doubt, samples.sum(axis=1) ** 2)


def expected(sums: Sums, kept: Mask, past: Floats) -> Expected:
    """Return what a window's rows are expected to score, told from the kept ones.

    Parameters
    ----------
    past : Floats
        What each stratum used to score, in points; NaN: not known.
    """
    n = np.where(kept, sums.n, 0.0)
    count = added(sums.stratum, sums.strata, n)
    total = added(sums.stratum, sums.strata, np.where(kept, sums.score, 0.0))
    variance = _variance(sums, kept, n, count, total)
    like, spread = _like(sums, count, total, variance)
    weight = np.where(np.isnan(past), _LIKE_SAMPLES, _PAST_SAMPLES)
    level = (total + weight * np.where(np.isnan(past), like, past)) / (count + weight)
    by_hour = _by_hour(sums, n, level)
    mean = level[sums.stratum] + by_hour[sums.hour % _HOURS]
    seen = np.where(count > 0, quotient(total, count), np.nan)
    known = np.where(np.isnan(past), count, count + weight)  # the past is made of samples too
    doubt = known * variance + np.where(np.isnan(past), weight**2 * spread, 0.0)
    return Expected(mean, variance[sums.stratum], seen, doubt / (count + weight) ** 2)


def _like(sums: Sums, count: Floats, total: Floats, variance: Floats) -> tuple[Floats, float]:
    """Return what service and technology, added up, let expect of each stratum, and the spread."""
    width = len(sums.frame.technologies) + 1
    service, technology = np.divmod(np.arange(sums.strata), width)
    whole = float(quotient(total.sum(), count.sum()))

    def above(group: Ints) -> Floats:
        size = int(group.max()) + 1
        n = added(group, size, count)
        return (added(group, size, total) - n * whole) / (n + _LIKE_SAMPLES)

    like = whole + above(service)[service] + above(technology)[technology]
    many = count >= _MANY_SAMPLES
    if many.sum() < PEERS:
        return like, _UNKNOWN_SPREAD
    errors = quotient(total, count) - like
    return like, excess_variance(errors[many], (variance[many] / count[many]))


def kpis_expected(sums: Sums, kept: Mask) -> tuple[Floats, Floats]:
    """Return what one sample of each row is expected to be worth and to contribute, by KPI."""
    worth, points = (np.zeros((len(sums.kpis), len(sums))) for _ in range(2))
    n = np.where(kept, sums.n, 0.0)
    count = added(sums.stratum, sums.strata, n)
    for number in range(len(sums.kpis)):
        has = added(sums.stratum, sums.strata, np.where(kept, sums.kpi_n[number], 0.0))
        value = added(sums.stratum, sums.strata, np.where(kept, sums.kpi_sum[number], 0.0))
        given = added(sums.stratum, sums.strata, np.where(kept, sums.kpi_points[number], 0.0))
        worth[number] = quotient(value, has)[sums.stratum]
        points[number] = quotient(given, count)[sums.stratum]
    return worth, points


def _by_hour(sums: Sums, n: Floats, level: Floats) -> Floats:
    above = np.where(n > 0, sums.score - sums.n * level[sums.stratum], 0.0)
    hour = sums.hour % _HOURS
    count, total = added(hour, _HOURS, n), added(hour, _HOURS, above)
    return total / (count + _PAST_SAMPLES)


def _variance(sums: Sums, kept: Mask, n: Floats, count: Floats, total: Floats) -> Floats:
    """Return the variance of one sample of each stratum; thin strata lean on all of them."""
    squares = added(sums.stratum, sums.strata, np.where(kept, sums.score_sq, 0.0))
    within = np.maximum(squares - quotient(total**2, count), 0.0)
    whole = float(quotient(within.sum(), count.sum()))
    return (within + _PAST_SAMPLES * whole) / (count + _PAST_SAMPLES)
