"""Whether an entity has recovered: shown, not just no longer refuted.

A mean that is no longer significantly low proves nothing: a thin cell's never is. An entity has
recovered when its mean is shown to lie within its band, by the lower one of Schuirmann's two
one-sided tests [1]_; to be better than ever is no fault. Samples of several windows are added up
until they tell.

References
----------
.. [1] D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach
   for assessing the equivalence of average bioavailability", J. Pharmacokinet. Biopharm. 15, 657
   (1987), doi:10.1007/BF01068419.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.problem.identify import Seen
from graph.problem.sums import Kind

Verdict = Literal["recovered", "fallen", "undecided"]
_CONFIDENCE_Z = 1.6449  # one-sided, 95 %
_BAND_DEVIATIONS = 2.0  # of what healthy ones stray
LEAST_BAND = 2.0  # points: what is too little to be anybody's problem
_LEAST_WINDOWS = 2  # one day may be a lucky one


@dataclass(frozen=True)
class Standing:
    """How an entity stands against what is expected of it, over some windows.

    Attributes
    ----------
    short : float
        Sum of shortfalls, in points times samples.
    variance : float
        Of that sum, from sampling.
    """

    windows: int
    samples: float
    short: float
    variance: float

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.windows + other.windows,
            self.samples + other.samples,
            self.short + other.short,
            self.variance + other.variance,
        )

    @property
    def fall(self) -> float:
        """Mean shortfall, in points."""
        return self.short / self.samples if self.samples else 0.0

    @property
    def error(self) -> float:
        """Standard error of that, in points."""
        return self.variance**0.5 / self.samples if self.samples else float("inf")


NOTHING = Standing(0, 0.0, 0.0, 0.0)


def standing(seen: Seen, kind: Kind, target: str, hours: tuple[int, int] = (0, 24)) -> Standing:
    """Return how an entity stood in a window, in some hours of the day.

    Samples that another entity explains are left out.
    """
    sums = seen.sums
    own = [one.rows for one in seen.findings if (one.kind, one.target) == (kind, target)]
    is_counted = seen.kept.copy()
    for rows in own:
        is_counted[rows] = True
    hour = sums.hour % 24
    is_counted &= (hour >= hours[0]) & (hour < hours[1])
    if kind != "network":
        names = sums.names[kind]
        number = bisect_left(names, target)  # they are sorted
        if number == len(names) or names[number] != target:
            return NOTHING
        is_counted &= sums.codes[kind] == number
    rows = np.flatnonzero(is_counted)
    short = (sums.n * seen.should(kind) - sums.score)[rows]
    variance = (sums.n * seen.expected.variance)[rows]
    samples = float(sums.n[rows].sum())
    return Standing(int(samples > 0), samples, float(short.sum()), float(variance.sum()))


def band(seen: Seen, kind: Kind, fall: float) -> float:
    """Return how far below what is expected an entity may be, in points.

    Two deviations of what healthy ones of its kind stray, at least what counts as a fall at all,
    and never more than half of the fall that opened the problem. Of a subscriber: a quarter of it.
    """
    if kind == "subscriber":
        return max(LEAST_BAND, fall / 4)  # thin: less would take weeks
    strayed = _BAND_DEVIATIONS * seen.stray.get(kind, 0.0) ** 0.5
    return float(min(max(LEAST_BAND, strayed), fall / 2))


def verdict(stood: Standing, within: float) -> Verdict:
    """Return whether an entity has recovered.

    Examples
    --------
    A mean 1 point below with an error of 0.5 may be 1.8 points below; with 1.0, 2.6 points.

    >>> verdict(Standing(2, 100.0, 100.0, 2_500.0), 2.0)
    'recovered'
    >>> verdict(Standing(2, 100.0, 100.0, 10_000.0), 2.0)
    'undecided'
    >>> verdict(Standing(2, 100.0, 400.0, 2_500.0), 2.0)
    'fallen'
    """
    if stood.windows < _LEAST_WINDOWS:
        return "undecided"
    if stood.fall + _CONFIDENCE_Z * stood.error <= within:
        return "recovered"
    is_fallen = stood.fall - _CONFIDENCE_Z * stood.error > within
    return "fallen" if is_fallen else "undecided"
