"""Which entities are worse than they should be, window by window.

Within a window every sample is expected to score what samples of its service and technology score,
more or less what that hour of the day makes of it (``expected``), plus what its cell, device and
app are usually above that (``baseline``). So the rhythm of day and week cancels, and the first
window already tells, by comparison with peers. What falls everywhere at once has no peers: services
and the network are compared with their own past (``level``). Single subscribers are followed over
windows (``people``).

False alarms are held down by a fixed tail: a shortfall counts from five standard deviations on, or
from 3.7 in two windows in a row, by a bound that holds for skewed scores (``tail``), and by how far
healthy ones stray today beyond what their samples explain.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graph.problem.baseline import PEERS, Baseline, excess_variance
from graph.problem.expected import Expected, expected
from graph.problem.level import Levels
from graph.problem.people import Own, People
from graph.problem.position import Finding, Measured, Sensitivity, Suspects, position
from graph.problem.sums import Floats, Frame, Kind, Mask, Sums, added, quotient
from graph.problem.tail import bennett_variance

KINDS: tuple[Kind, ...] = ("cell", "site", "place", "device", "app")  # the finer ones first
_OWN_OFFSET: tuple[Kind, ...] = ("cell", "device", "app")


@dataclass(frozen=True)
class Seen:
    """A window that was looked through.

    Attributes
    ----------
    window : int
        Days since 1970, UTC.
    findings : list of Finding
        The most telling first.
    kept : Mask
        Rows that no finding explains.
    usual, past : Floats
        Of each row, in points: what its entities usually are above what is expected, and what its
        stratum used to score; NaN: not known.
    stray : Mapping[Kind, float]
        Variance with which healthy ones of a kind stray on that day beyond their samples'.
    own : Own or None
        What single subscribers are usually like; None: the sums do not tell of any.
    """

    window: int
    sums: Sums
    findings: list[Finding]
    kept: Mask
    expected: Expected
    usual: Floats
    past: Floats
    stray: Mapping[Kind, float]
    own: Own | None = None

    def should(self, kind: Kind) -> Floats:
        """Return what a sample of each row should score for an entity of a kind to be well."""
        should = self.should_of_anybody(kind)
        if kind == "subscriber" and self.own:
            should = should + np.append(self.own.usual, 0.0)[self.sums.codes[kind]]
        return should

    def should_of_anybody(self, kind: Kind) -> Floats:
        """Return the same, whatever the subscriber who has the sample is usually like."""
        if kind in ("service", "network"):  # they have no peers on the day
            return np.where(np.isnan(self.past), self.expected.mean, self.past)
        return self.expected.mean + self.usual


class Watch:
    """Looks through windows one after the other and remembers what entities are usually like."""

    def __init__(self, frame: Frame, how: Sensitivity | None = None) -> None:
        self._how = how or Sensitivity()
        self._past: dict[Kind, Baseline] = {
            kind: Baseline(len(frame.names[kind]), self._how.most_windows)
            for kind in KINDS
            if kind in frame.names
        }
        self._strata = np.full((0, frame.strata), np.nan)
        self._levels = Levels(frame.names["service"])
        people = frame.names.get("subscriber")
        self._people = People(people, self._how.least_fall) if people else None
        self._suspects: Suspects = frozenset()

    def look(self, window: int, sums: Sums) -> Seen:
        """Look through a window; windows come in the order of time."""
        past = _median(self._strata)

        def measure(kept: Mask) -> dict[Kind, Measured]:
            awaited = expected(sums, kept, past)
            return {kind: self._measure(sums, kept, awaited, kind) for kind in self._past}

        findings, kept = position(window, sums, measure, self._how, self._suspects)
        awaited, usual = expected(sums, kept, past), self._usual(sums)
        stray: dict[Kind, float] = {
            kind: self._learn(kind, one) for kind, one in measure(kept).items()
        }
        wide = self._levels.find(
            window, sums, kept, past, awaited.variance, self._how, self._suspects
        )
        findings += wide
        self._suspects = frozenset((finding.kind, finding.target) for finding in findings)
        unexplained = kept.copy()
        for finding in wide:
            unexplained[finding.rows] = False
        own = self._people.own() if self._people else None
        if self._people and own:
            short = awaited.shortfall(sums) + sums.n * usual
            findings += self._people.look(window, sums, unexplained, short, awaited.variance, own)
            stray["subscriber"] = own.stray
        strata = awaited.of_stratum.copy()
        for finding in wide:
            strata[sums.stratum[finding.rows]] = np.nan
        self._strata = np.vstack([self._strata, strata])[-self._how.most_windows :]
        return Seen(
            window, sums, findings, kept, awaited, usual, past[sums.stratum], stray, own
        )  # fmt: skip

    def _measure(self, sums: Sums, kept: Mask, awaited: Expected, kind: Kind) -> Measured:
        codes, size, past = sums.codes[kind], len(sums.names[kind]), self._past[kind]
        short = awaited.shortfall(sums) + sums.n * self._usual(sums, kind)
        n = added(codes, size, np.where(kept, sums.n, 0.0))
        total = added(codes, size, np.where(kept, short, 0.0))
        spread = added(codes, size, np.where(kept, sums.n * awaited.variance, 0.0))
        level = quotient(added(codes, size, np.where(kept, sums.n * awaited.mean, 0.0)), n)
        fall, variance = quotient(total, n) + past.offset, quotient(spread, n**2)
        counted = np.where(kept, sums.n, 0.0)
        doubt = past.doubt + awaited.doubt_of(codes, size, sums, counted)
        looked = n >= self._how.least_samples
        if looked.sum() >= PEERS:
            fall -= np.median(fall[looked])  # a large ill one lifts what the others should score
        elif past.windows == 0:
            return Measured(n, fall, variance, np.zeros(size))
        stray = excess_variance(fall[looked], (variance + doubt)[looked])
        chance = bennett_variance(fall, n, variance * n, level) + doubt + stray
        z = np.where(looked, fall / np.sqrt(np.where(looked, chance, 1.0)), 0.0)
        return Measured(n, fall, variance, z)

    def _stray(self, fall: Floats, variance: Floats, past: Baseline, looked: Mask) -> float:
        return excess_variance(fall[looked], (variance + past.doubt)[looked])

    def _usual(self, sums: Sums, but: Kind | None = None) -> Floats:
        """Return what each row's entities are usually above what is expected."""
        total = np.zeros(len(sums))
        for other in _OWN_OFFSET:
            if other in self._past and other != but:
                total += np.append(self._past[other].offset, 0.0)[sums.codes[other]]
        return total

    def _learn(self, kind: Kind, measured: Measured) -> float:
        past, looked = self._past[kind], measured.n >= self._how.least_samples
        stray = self._stray(measured.fall, measured.variance, past, looked)
        means = np.where(looked, past.offset - measured.fall, np.nan)
        past.learn(means, np.where(looked, measured.variance, np.nan), stray)
        return stray


def identify(sums: Sums, how: Sensitivity | None = None) -> Iterator[Seen]:
    """Look through all days of some sums.

    Yields
    ------
    Seen
        Each day, in the order of time.
    """
    watch = Watch(sums.frame, how)
    day = sums.hour // 24
    for window in np.unique(day):
        yield watch.look(int(window), sums.of_rows(np.flatnonzero(day == window)))


def _median(rows: Floats) -> Floats:
    found = np.full(rows.shape[1], np.nan)
    has = ~np.isnan(rows).all(axis=0)
    if len(rows):
        found[has] = np.nanmedian(rows[:, has], axis=0)
    return found
