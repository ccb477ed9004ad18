"""Who was affected by a problem, and whether each of them is as before.

Whoever lost by it is *struck*: their samples in it, added up, fell short of what was expected. Each
is held against what they used to be before, over all their samples that nothing else explains,
wherever they are: a cell is mended for somebody when their own score has recovered. Of the many
that a wide problem strikes those who lost most are remembered.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from graph.problem.identify import Seen
from graph.problem.position import Finding
from graph.problem.sums import UNKNOWN, Floats, Kind, added
from graph.problem.verify import LEAST_BAND, NOTHING, Standing, Verdict, verdict

State = Literal["recovered", "fallen", "undecided", "awaited"]
MOST_STRUCK = 1_000  # that a problem remembers
AWAITED_D = 7  # days that a problem waits for those who have no samples
_LEAST_SEEN = 0.5  # of those struck: who have samples again, before which nothing is said of all
_BY_CHANCE = 0.05  # of those who are as before, still seem fallen
_CHANCE_Z = 1.6449  # one-sided, 95 %


@dataclass(frozen=True)
class Struck:
    """One subscriber that a problem struck.

    Attributes
    ----------
    samples, lost : float
        Their samples in it, and what they lost, in points times samples.
    usual, doubt : float
        What they used to be above what is expected of their samples, in points, and the variance
        of that knowledge; from before the problem.
    standing : Standing
        How they have stood against that since it last fell.
    """

    subscriber_id: str
    samples: float
    lost: float
    usual: float
    doubt: float
    standing: Standing = NOTHING

    @property
    def fall(self) -> float:
        """Mean loss of their samples in it, in points."""
        return self.lost / self.samples if self.samples else 0.0

    def state(self, within: float) -> State:
        """Return whether they are as before, give or take some points; ``awaited``: no sample."""
        return verdict(_doubted(self), within) if self.standing.windows else "awaited"


def struck_by(seen: Seen, finding: Finding) -> list[Struck]:
    """Return whom a finding strikes, those who lost most first."""
    if seen.own is None:
        return []
    sums, names = seen.sums, seen.sums.names["subscriber"]
    rows = finding.rows
    codes, size = sums.codes["subscriber"][rows], len(names)
    short = sums.n[rows] * seen.should_of_anybody(finding.kind)[rows] - sums.score[rows]
    samples, lost = added(codes, size, sums.n[rows]), added(codes, size, short)
    order = np.argsort(-lost, kind="stable")
    return [
        Struck(
            names[number], float(samples[number]), float(lost[number]),
            float(seen.own.usual[number]), float(seen.own.doubt[number]),
        )
        for number in order[: int((lost > 0).sum())].tolist()
    ]  # fmt: skip


def joined(known: Sequence[Struck], fresh: Iterable[Struck]) -> tuple[Struck, ...]:
    """Return whom a problem has struck after another bad day: nobody has recovered any more."""
    found = {one.subscriber_id: replace(one, standing=NOTHING) for one in known}
    for one in fresh:
        if one.subscriber_id in found:
            found[one.subscriber_id] = _more(found[one.subscriber_id], one)
        elif len(found) < MOST_STRUCK:
            found[one.subscriber_id] = one
    return tuple(found.values())


def after(known: Sequence[Struck], seen: Seen, kind: Kind) -> tuple[Struck, ...]:
    """Return those whom a problem of a kind has struck with how they stood in one more window."""
    if seen.own is None or not known:
        return tuple(known)
    names = np.array(seen.sums.names["subscriber"])
    wanted = np.array([one.subscriber_id for one in known])
    at = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    samples, short, variance = (part[at] * (names[at] == wanted) for part in _totals(seen, kind))
    return tuple(
        replace(one, standing=one.standing + Standing(1, n, s + n * one.usual, v)) if n else one
        for one, n, s, v in zip(
            known, samples.tolist(), short.tolist(), variance.tolist(), strict=True
        )
    )


def counted(known: Sequence[Struck], within: float) -> Counter[State]:
    """Return how many are in which state."""
    return Counter(one.state(within) for one in known)


def band_of(fall: float) -> float:
    """Return by how many points those struck may stay below what they were: a quarter of the fall.

    Only a part of what they use was struck. Two points at least, which is nobody's problem.

    Examples
    --------
    >>> band_of(30.0), band_of(5.0)
    (7.5, 2.0)
    """
    return max(LEAST_BAND, fall / 4)


def agreed(known: Sequence[Struck], within: float, waited_d: int) -> Verdict:
    """Return whether those struck are as before, together and one by one.

    Together their mean is shown to lie within the band; one by one no more of them are still fallen
    than would seem so by chance. Whoever has no sample since tells nothing. Less than half of them
    tell nothing of all, unless the others were awaited for a week.
    """
    told = [one for one in known if one.standing.windows]
    if len(told) < _LEAST_SEEN * len(known) and waited_d < AWAITED_D:
        return "undecided"
    if not told:
        return "recovered"  # nobody came back to tell: what they used decides alone
    together = verdict(_all_of(told), within)
    if together != "recovered":
        return together
    fallen = counted(told, within)["fallen"]
    expected = _BY_CHANCE * len(told)
    return "recovered" if fallen <= expected + _CHANCE_Z * expected**0.5 + 1 else "undecided"


def _totals(seen: Seen, kind: Kind) -> tuple[Floats, Floats, Floats]:
    """Return each subscriber's samples, shortfall and its variance, of rows nothing explains."""
    sums = seen.sums
    codes = np.where(seen.kept, sums.codes["subscriber"], UNKNOWN)
    for finding in seen.findings:
        if finding.kind in ("service", "network"):
            codes[finding.rows] = UNKNOWN
    size = len(sums.names["subscriber"])
    short = sums.n * seen.should_of_anybody(kind) - sums.score
    return (
        added(codes, size, sums.n),
        added(codes, size, short),
        added(codes, size, sums.n * seen.expected.variance),
    )


def _more(before: Struck, now: Struck) -> Struck:
    return replace(
        before,
        samples=before.samples + now.samples,
        lost=before.lost + now.lost,
        standing=NOTHING,
    )


def _doubted(one: Struck) -> Standing:
    """Return how somebody stands, with the doubt about what they used to be."""
    stood = one.standing
    return replace(stood, variance=stood.variance + stood.samples**2 * one.doubt)


def _all_of(known: Sequence[Struck]) -> Standing:
    parts = [_doubted(one) for one in known]
    return Standing(
        max(part.windows for part in parts),
        sum(part.samples for part in parts),
        sum(part.short for part in parts),
        sum(part.variance for part in parts),
    )
