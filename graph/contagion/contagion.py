"""How much of the clustering of churn is contagion, and not that alike people know each other.

Friends of leavers leave more often for three reasons: they are alike (homophily), they live through
the same things, and they follow each other. Only the last one is contagion, and a score that
predicts better with the network than without does not prove it [1]_.

What is estimated is the hazard of leaving that is added by contacts who left::

    h_j(t) = a_j(t) + b' z_j(t) + (k / T) x_j(t)        x_j(t) = sum_i s_ij exp(-(t - t_i) / T)

over the contacts i who left at ``t_i`` before; ``s_ij`` is the share of i in j's ties, T for how
long one talks about a leaving, z what is observed of j, and a whatever makes alike people leave. So
k is the cumulative hazard that somebody bears all of whose contacts left; 0: no contagion.

Subscribers are matched with those of the same day (and stratum) as many of whose contacts had left,
but longer ago. Whom one knows says how likely one's contacts leave, and hence something about
oneself; when just those who left by today did so says nothing but how fresh the news is. So each
``exp(-(t - t_i) / T)`` is taken from its mean under all permutations of the leaving times of those
who had left, within the stratum: what is left of x is an instrument [2]_ for x that does not know
``a_j``, as long as that does not change with time otherwise than by z, the stratum, or for all
alike. The permutation of leaving times is the shuffle test of [3]_, made an estimator.

How much of j's time is with i is counted from calls, and what is counted is off. An exposure that
is off by chance seems to do less than it does. So the contacts of even days stand for those of odd
ones, and these for those: what is off in the one is not in the other, and their products are those
of the true shares [4]_. Whoever leaves is there for half of that day.

The variance is that of the instrument's martingale, the sum of its squares over those who left.

References
----------
.. [1] S. Aral, L. Muchnik, A. Sundararajan, "Distinguishing influence-based contagion from
   homophily-driven diffusion in dynamic networks", PNAS 106, 2009, pp. 21544-21549.
.. [2] T. Martinussen et al., "Instrumental variables estimation of exposure effects on a
   time-to-event endpoint using structural cumulative survival models", Biometrics 73(4), 2017,
   pp. 1140-1149, on instruments in additive hazards; recalled, not read.
.. [3] A. Anagnostopoulos, R. Kumar, M. Mahdian, "Influence and correlation in social networks",
   KDD 2008, pp. 7-15; recalled, not read.
.. [4] R. Carroll et al., "Measurement error in nonlinear models", 2nd edition, 2006, on replicates
   as instruments; recalled, not read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import norm

from graph.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Matrix = Any  # scipy.sparse.csr_array, which has no types

STAYS = -1
LEVEL = 0.99  # a claim about a cause should be hard to make
LASTS_DAYS = 10.0
_FEWEST_PAIRS = 10


@dataclass(frozen=True)
class Estimate:
    """A number and the interval that holds the true one 99 times of 100."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        """Return a positive multiple of it."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Contagion:
    """How much people leave because others did.

    Attributes
    ----------
    strength : Estimate
        Cumulative hazard of leaving that one bears when all contacts leave; 0: no contagion.
    leavers : int
        How many left in the time that was looked at.
    because_of_others : Estimate
        How many of them left because of contacts.
    clustering : float
        How much fresher than by chance the leaving of contacts was to those who left: the sum of
        ``x`` over leavers above its mean of the day.
    share : Estimate or None
        What part of that is contagion; the rest is likeness and shared circumstances. None: there
        is no clustering to explain.
    lasts_days : float
        T, for which all this is so.
    """

    strength: Estimate
    leavers: int
    because_of_others: Estimate
    clustering: float
    share: Estimate | None
    lasts_days: float


@dataclass(frozen=True, eq=False)
class History:
    """Who knew whom, and who left when.

    Attributes
    ----------
    contacts : csr_array
        Symmetric numbers of contacts over the time that is looked at, at least 0.
    left_on : array of int
        The day, from 0, on which each one left; ``STAYS`` for those who did not.
    days : int
        How many days are looked at.
    circumstances : callable, optional
        Returns what was observed of each on the days before a day, a column a measure, such as how
        bad one's experience was of late.
    strata : array of int, optional
        Who is compared with whom: of which group each one is, from 0.
    halves : pair of csr_array, optional
        The contacts of the even days, from 0, and of the odd ones. Unset: who knows whom is known
        for certain.
    """

    contacts: Matrix
    left_on: Ints
    days: int
    circumstances: Callable[[int], Floats] | None = None
    strata: Ints | None = None
    halves: tuple[Matrix, Matrix] | None = None

    def __post_init__(self) -> None:
        """Check that it fits together.

        Raises
        ------
        BadInput
            Lengths differ, or somebody left outside the days.
        """
        people = self.contacts.shape[0]
        if len(self.left_on) != people or (self.strata is not None and len(self.strata) != people):
            raise BadInput("there must be a day of leaving and a stratum for each subscriber")
        if len(self.left_on) and not STAYS <= self.left_on.min() <= self.left_on.max() < self.days:
            raise BadInput("somebody left on a day that is not among those looked at")

    @cached_property
    def shares(self) -> Matrix:
        """The share of each contact in one's ties, by contacts a day while both were there.

        Without the division by days, those who left long ago would seem to have been distant.
        """
        return _shares(
            self.contacts, np.where(self.left_on == STAYS, self.days, self.left_on + 0.5)
        )

    @cached_property
    def twice(self) -> tuple[Matrix, Matrix]:
        """The shares from the even days, and from the odd ones."""
        if self.halves is None:
            return self.shares, self.shares
        even, odd = self.halves
        return _shares(even, self._there(0)), _shares(odd, self._there(1))

    def _there(self, parity: int) -> Floats:
        """Return for how many even or odd days each was there."""
        ends = np.where(self.left_on == STAYS, self.days, self.left_on)
        whole = (ends + 1 - parity) // 2
        leaves_then = (self.left_on != STAYS) & (self.left_on % 2 == parity)
        there_days: Floats = whole + 0.5 * leaves_then
        return there_days


def _shares(contacts: Matrix, there_days: Floats) -> Matrix:
    ties = sparse.coo_array(contacts)
    kept = (ties.row != ties.col) & (ties.data > 0)
    ends = (ties.row[kept], ties.col[kept])
    # A contact on a day on which one had left is one of that day's first hours.
    rates = ties.data[kept] / np.maximum(np.minimum(there_days[ends[0]], there_days[ends[1]]), 0.5)
    weights = sparse.csr_array((rates, ends), shape=contacts.shape)
    total = weights.sum(axis=1)
    inverse = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    return sparse.csr_array(sparse.diags_array(inverse) @ weights)


@dataclass(frozen=True)
class _Day:
    """Those who were there on a day, as even days tell and as odd ones do.

    Attributes
    ----------
    exposures : pair of Floats
        x and what was observed, a column each, less their means of the stratum.
    instruments : pair of Floats
        What stands for each of these columns.
    raw : pair of Floats
        x as it is.
    time : Floats
        For which part of the day each was there.
    leaves : array of bool
        Whether each one left on that day.
    exposed : float
        The sum of x over all who were there, those of whom one half says nothing included.
    followed : int
        How many of all left after a contact had.
    """

    exposures: tuple[Floats, Floats]
    instruments: tuple[Floats, Floats]
    raw: tuple[Floats, Floats]
    time: Floats
    leaves: Flags
    exposed: float
    followed: int

    @property
    def bread(self) -> Floats:
        """The products of each half's instruments and the other's exposures."""
        (one, other), (even, odd) = self.instruments, self.exposures
        found: Floats = one.T @ (self.time[:, None] * odd) + other.T @ (self.time[:, None] * even)
        return found

    @property
    def left(self) -> Floats:
        """The instruments of those who left, of both halves together."""
        both: Floats = self.instruments[0] + self.instruments[1]
        return both[self.leaves]


def contagion(history: History, lasts_days: float = LASTS_DAYS) -> Contagion:
    """Estimate how much people leave because others did.

    Costs two products of the ties and a vector a day.

    Parameters
    ----------
    lasts_days : float
        For how long one talks about a leaving: its news fades by ``exp(-days / lasts_days)``;
        above 0.

    Raises
    ------
    BadInput
        ``lasts_days`` is not above 0, or too few left whose contacts had left before for anything
        to be said.
    """
    if not lasts_days > 0:
        raise BadInput("the days that a leaving is talked about must be above 0")
    bread, meat, pull = _zeros(), _zeros(), _zeros()
    followed, exposed, clustering, explained = 0, 0.0, 0.0, 0.0
    for day in _days(history, lasts_days):
        bread = bread + day.bread
        meat = meat + day.left.T @ day.left
        pull = pull + day.left.sum(axis=0)
        followed += day.followed
        exposed += day.exposed
        clustering += sum(float(each[day.leaves, 0].sum()) for each in day.exposures) / 2
        crossed = zip(day.raw, reversed(day.exposures), strict=True)
        explained += sum(float(day.time * raw @ other[:, 0]) for raw, other in crossed) / 2
    if followed < _FEWEST_PAIRS:
        raise BadInput(
            f"only {followed} left after a contact of theirs had: too few to tell contagion"
        )
    # Measures that are the same for all have no effect that could be told, nor do harm.
    inverse = np.linalg.pinv(bread)
    slope = float((inverse @ pull)[0])
    half = float(norm.ppf((1 + LEVEL) / 2)) * float((inverse @ meat @ inverse.T)[0, 0]) ** 0.5
    rate = Estimate(slope, slope - half, slope + half)
    return Contagion(
        strength=rate.times(lasts_days),
        leavers=int((history.left_on != STAYS).sum()),
        because_of_others=rate.times(exposed),
        clustering=clustering,
        share=rate.times(explained / clustering) if clustering > 0 else None,
        lasts_days=lasts_days,
    )


def _zeros() -> Any:
    return np.zeros(())


def _days(history: History, lasts_days: float) -> Iterator[_Day]:
    left_on = history.left_on
    groups = np.zeros(len(left_on), np.int64) if history.strata is None else history.strata
    is_known = np.all([shares.sum(axis=1) > 0 for shares in history.twice], axis=0)
    for today in range(history.days):
        is_gone = (left_on != STAYS) & (left_on < today)
        news = np.where(is_gone, np.exp(-(today - left_on) / lasts_days), 0.0)
        # The mean over all permutations of the leaving times of those of the stratum who left.
        usual = np.where(is_gone, _means(news[is_gone], groups[is_gone], groups), 0.0)
        yield _day(history, today, groups, is_known, ~is_gone, news, news - usual)


def _day(
    history: History,
    today: int,
    groups: Ints,
    is_known: Flags,
    is_there: Flags,
    news: Floats,
    fresher: Floats,
) -> _Day:
    there = is_known & is_there
    leaves = history.left_on[there] == today
    time = np.where(leaves, 0.5, 1.0)
    seen = np.empty((len(time), 0))
    if history.circumstances is not None:
        seen = history.circumstances(today)[there]
    even, odd = history.twice
    raw = (even @ news)[there], (odd @ news)[there]
    instruments = (even @ fresher)[there], (odd @ fresher)[there]

    def centred(first: Floats) -> Floats:
        columns = np.column_stack([first, seen])
        return columns - np.column_stack(
            [_means(each, groups[there], groups[there], time) for each in columns.T]
        )

    pressure, leaves_now = (history.shares @ news)[is_there], history.left_on[is_there] == today
    return _Day(
        exposures=(centred(raw[0]), centred(raw[1])),
        instruments=(centred(instruments[0]), centred(instruments[1])),
        raw=raw,
        time=time,
        leaves=leaves,
        exposed=float(pressure.sum() - pressure[leaves_now].sum() / 2),
        followed=int((pressure[leaves_now] > 0).sum()),
    )


def _means(values: Floats, groups: Ints, wanted: Ints, weights: Floats | None = None) -> Floats:
    """Return the mean of the values of each wanted group; 0 of one without."""
    size = int(wanted.max()) + 1 if len(wanted) else 0
    weights = np.ones(len(values)) if weights is None else weights
    total = np.bincount(groups, weights, minlength=size)
    sums = np.bincount(groups, values * weights, minlength=size)
    means: Floats = np.divide(sums, total, out=np.zeros(len(total)), where=total > 0)[wanted]
    return means
