"""Single subscribers: what each is usually like, and whom it has become worse for.

A subscriber has too few samples for a day to tell, so evidence is added up over days. How likely a
sum of shortfalls is under the pooled distribution of all samples of that service, technology and
day is bounded by Chernoff, ``E exp(t S) = exp(n K(t))``: no normal tail, for scores are skewed. So

    ``log e = t (S + n u) - n K(t) - t^2 n^2 d / 2``

with what the subscriber usually is above others, u, give or take d; averaged over some t, which
leaves an e-value one [4]_. Begun anew whenever it speaks for nothing, this is a CUSUM [1]_ whose
expectation in window w is at most w where nothing has changed (an e-detector [2]_). The subscribers
of a window are many, and of those that are named a share of one in twenty at most is named by
chance, whatever they have to do with each other: Benjamini and Hochberg's procedure on e-values
[3]_.

References
----------
.. [1] E. S. Page, "Continuous inspection schemes", Biometrika 41, 100 (1954),
   doi:10.1093/biomet/41.1-2.100.
.. [2] J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential
   change detection", NEJSDS 2(2), 229-260 (2024), doi:10.51387/23-NEJSDS51, arXiv:2203.03532.
.. [3] R. Wang, A. Ramdas, "False discovery rate control with e-values", JRSS B 84(3), 822-852
   (2022), doi:10.1111/rssb.12489.
.. [4] V. Vovk, R. Wang, "E-values: calibration, combination and applications", Annals of Statistics
   49(3), 1736-1754 (2021), doi:10.1214/20-AOS2020.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from graph.problem.baseline import PEERS, excess_variance
from graph.problem.position import Finding
from graph.problem.sums import UNKNOWN, Floats, Ints, Mask, Sums, added, quotient

FALSE_SHARE = 0.05  # of those that are named in a window, at the most, in expectation
_TILTS = np.array([0.01, 0.02, 0.035, 0.06, 0.1, 0.16])  # a point of the score each
_LIKE_SAMPLES = 200.0  # what all services together weigh, beside a stratum's own samples
_LEAST_STRAY = 4.0  # points squared: people differ by two points
_STILL = 0.25  # of the fall: a day that is lower goes on with it
_LONGEST_RUN = 10  # windows, of somebody who is not known to have fallen
_KNOWN_SAMPLES = 20  # of a past that tells how people differ


@dataclass(frozen=True)
class Own:
    """What each subscriber usually is above what is expected of their samples, before a window.

    Attributes
    ----------
    usual, doubt : Floats
        In points, and the variance of that knowledge.
    """

    usual: Floats
    doubt: Floats
    stray: float


class People:
    """All subscribers' pasts, and what speaks for a fall of each."""

    def __init__(self, names: tuple[str, ...], least_fall: float) -> None:
        size = len(names)
        self._names, self._least_fall, self._windows = names, least_fall, 0
        self._past = np.zeros((3, size))  # samples, shortfall, variance: before the run
        self._run = np.zeros((3, size))
        self._tilted = np.zeros((len(_TILTS), size))  # n K(t) of the run
        self._lasts = np.zeros(size, np.int64)  # windows of the run
        self._fallen = np.zeros(size)  # by how much those have fallen who are known to; 0: not

    def own(self) -> Own:
        """Return what is known of each: a normal prior around 0, and their past."""
        n, short, variance = self._past
        mean, spread = -quotient(short, n), quotient(variance, n**2)
        known = n >= _KNOWN_SAMPLES
        stray = excess_variance(mean[known], spread[known]) if known.sum() >= PEERS else 0.0
        stray = max(stray, _LEAST_STRAY)
        share = np.where(n > 0, stray / (stray + spread), 0.0)
        return Own(share * mean, stray * (1 - share), stray)

    def look(
        self, window: int, sums: Sums, kept: Mask, short: Floats, variance: Floats, own: Own
    ) -> list[Finding]:
        """Look through a window, and return whom it has become worse for, the surest first.

        Parameters
        ----------
        kept
            Rows that nothing else explains.
        short
            By how much each row falls short, in points times samples.
        variance
            Of one sample of each row.
        """
        self._windows += 1
        codes, size = np.where(kept, sums.codes["subscriber"], UNKNOWN), len(self._names)
        day = np.stack([added(codes, size, part) for part in (sums.n, short, sums.n * variance)])
        self._run += day
        self._lasts += 1
        tilted = _tilted(sums, kept, short)
        self._tilted += np.stack([added(codes, size, row) for row in tilted])
        log_e, fall = self._log_e(own), self._fall(own)
        named = self._named(log_e, fall, day, own)
        was_fallen = self._fallen > 0
        self._fallen = np.where(named, fall, np.where(day[0] > 0, 0.0, self._fallen))
        self._settle(log_e, was_fallen & (self._fallen == 0))
        ordered = np.flatnonzero(named)[np.argsort(-log_e[named], kind="stable")]
        looked_at = int((day[0] > 0).sum())
        return [
            self._finding(window, number, float(log_e[number]), own, looked_at, codes)
            for number in ordered.tolist()
        ]

    def _named(self, log_e: Floats, fall: Floats, day: Floats, own: Own) -> Mask:
        """Return who has fallen, or goes on with it."""
        is_new = _surest(log_e, self._windows) & (fall >= self._least_fall)
        is_low = quotient(day[1], day[0]) + own.usual >= np.maximum(_STILL * fall, 1.0)
        return np.asarray((is_new | (self._fallen > 0)) & is_low & (day[0] > 0), bool)

    def _fall(self, own: Own) -> Floats:
        return np.where(self._run[0] > 0, quotient(self._run[1], self._run[0]) + own.usual, 0.0)

    def _log_e(self, own: Own) -> Floats:
        n, short = self._run[:2]
        tilts = _TILTS[:, None]
        doubted = tilts**2 * n**2 * own.doubt / 2
        each = tilts * (short + n * own.usual) - self._tilted - doubted
        return np.asarray(logsumexp(each, axis=0) - np.log(len(_TILTS)), np.float64)

    def _settle(self, log_e: Floats, has_risen: Mask) -> None:
        """End the runs that speak for nothing, or for too little for too long: so somebody is.

        What was a fall is not made part of the past.
        """
        is_over = ((log_e <= 0) | (self._lasts >= _LONGEST_RUN)) & (self._fallen == 0)
        self._past += np.where(is_over & ~has_risen, self._run, 0.0)
        ended = is_over | has_risen
        self._run[:, ended] = 0.0
        self._tilted[:, ended] = 0.0
        self._lasts[ended] = 0

    def _finding(
        self, window: int, number: int, log_e: float, own: Own, looked_at: int, codes: Ints
    ) -> Finding:
        samples, fall = int(self._run[0, number]), float(self._fallen[number])
        z = float(np.sqrt(2 * max(log_e, 0.0)))  # a normal tail there is below 1 / e
        rows = np.flatnonzero(codes == number)
        name = self._names[number]
        return Finding(window, "subscriber", name, samples, fall, z, looked_at, True, rows)


def _tilted(sums: Sums, kept: Mask, short: Floats) -> Floats:
    """Return what each row's samples add to n K(t), by t, from the samples of its stratum."""
    n = np.where(kept, sums.n, 0.0)
    each = np.exp(_TILTS[:, None] * quotient(short, sums.n))
    count = added(sums.stratum, sums.strata, n)
    total = np.stack([added(sums.stratum, sums.strata, n * row) for row in each])
    whole = (total.sum(axis=1) / max(count.sum(), 1.0))[:, None]
    mean = (total + _LIKE_SAMPLES * whole) / (count + _LIKE_SAMPLES)
    return np.asarray(n * np.log(mean[:, sums.stratum]), np.float64)


def _surest(log_e: Floats, windows: int) -> Mask:
    """Return whom the procedure of Benjamini and Hochberg names, for e-values.

    Examples
    --------
    Of four, in the first window, one alone needs 4 / 0.05, and two 2 / 0.05 each.

    >>> _surest(np.log([79.0, 1, 1, 1]), 1).tolist(), _surest(np.log([41.0, 41, 1, 1]), 1).tolist()
    ([False, False, False, False], [True, True, False, False])
    """
    ordered = np.sort(log_e)[::-1]
    rank = np.arange(1, len(ordered) + 1)
    enough = np.flatnonzero(ordered >= np.log(len(ordered) * windows / (rank * FALSE_SHARE)))
    if len(enough) == 0:
        return np.zeros(len(log_e), bool)
    return np.asarray(log_e >= ordered[enough[-1]], bool)
