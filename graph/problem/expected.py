"""What samples are expected to score: as others of their service and technology, at that hour."""

from dataclasses import dataclass

import numpy as np

from graph.problem.sums import Floats, Mask, Sums, added, quotient

_PAST_SAMPLES = 50.0  # what the past of a stratum weighs, beside today's samples
_WHOLE_SAMPLES = 5.0  # what the mean of all weighs, where a stratum has no past
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
    """

    mean: Floats
    variance: Floats
    of_stratum: Floats

    def shortfall(self, sums: Sums) -> Floats:
        """Return by how much each row falls short, in points times samples."""
        return sums.n * self.mean - sums.score


def expected(sums: Sums, kept: Mask, past: Floats) -> Expected:
    """Return what a window's rows are expected to score, told from the kept ones.

    Parameters
    ----------
    past : Floats
        What each stratum used to score, in points; NaN: not known.
    """
    n = np.where(kept, sums.n, 0.0)
    whole = float(quotient(np.sum(np.where(kept, sums.score, 0.0)), n.sum()))
    weight = np.where(np.isnan(past), _WHOLE_SAMPLES, _PAST_SAMPLES)
    prior = np.where(np.isnan(past), whole, past)
    count = added(sums.stratum, sums.strata, n)
    total = added(sums.stratum, sums.strata, np.where(kept, sums.score, 0.0))
    level = (total + weight * prior) / (count + weight)
    by_hour = _by_hour(sums, n, level)
    mean = level[sums.stratum] + by_hour[sums.hour % _HOURS]
    seen = np.where(count > 0, quotient(total, count), np.nan)
    return Expected(mean, _variance(sums, kept, n, count, total)[sums.stratum], seen)


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
