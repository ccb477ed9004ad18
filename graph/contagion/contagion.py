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
    """

    contacts: Matrix
    left_on: Ints
    days: int
    circumstances: Callable[[int], Floats] | None = None
    strata: Ints | None = None

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
        ties = sparse.coo_array(self.contacts)
        until = np.where(self.left_on == STAYS, self.days, self.left_on + 0.5)
        rates = ties.data / np.minimum(until[ties.row], until[ties.col])
        kept = ties.row != ties.col
        shape = self.contacts.shape
        ends = (ties.row[kept], ties.col[kept])
        weights = sparse.csr_array((rates[kept], ends), shape=shape)
        total = weights.sum(axis=1)
        inverse = np.divide(1.0, total, out=np.zeros(shape[0]), where=total > 0)
        return sparse.csr_array(sparse.diags_array(inverse) @ weights)


@dataclass(frozen=True)
class _Day:
    """Those who were still there on a day.

    Attributes
    ----------
    exposure : Floats
        x and what was observed, a column each, less their means of the stratum.
    instrument : Floats
        What stands for each of these columns.
    raw : Floats
        x as it is.
    leaves : array of bool
        Whether each one left on that day.
    """

    exposure: Floats
    instrument: Floats
    raw: Floats
    leaves: npt.NDArray[np.bool_]


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
        left = day.instrument[day.leaves]
        bread = bread + day.instrument.T @ day.exposure
        meat = meat + left.T @ left
        pull = pull + left.sum(axis=0)
        followed += int((day.raw[day.leaves] > 0).sum())
        exposed += float(day.raw.sum())
        clustering += float(day.exposure[day.leaves, 0].sum())
        explained += float(day.raw @ day.exposure[:, 0])
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
    left_on, shares = history.left_on, history.shares
    groups = np.zeros(len(left_on), np.int64) if history.strata is None else history.strata
    for today in range(history.days):
        is_gone = (left_on != STAYS) & (left_on < today)
        news = np.where(is_gone, np.exp(-(today - left_on) / lasts_days), 0.0)
        # The mean over all permutations of the leaving times of those of the stratum who left.
        usual = np.where(is_gone, _means(news[is_gone], groups[is_gone], groups), 0.0)
        pressure = shares @ news
        fresher = pressure - shares @ usual
        there = ~is_gone
        seen = np.empty((int(there.sum()), 0))
        if history.circumstances is not None:
            seen = history.circumstances(today)[there]
        of = groups[there]
        yield _Day(
            exposure=_centred(np.column_stack([pressure[there], seen]), of),
            instrument=_centred(np.column_stack([fresher[there], seen]), of),
            raw=pressure[there],
            leaves=left_on[there] == today,
        )


def _means(values: Floats, groups: Ints, wanted: Ints) -> Floats:
    """Return the mean of the values of each wanted group; 0 of one without."""
    size = int(wanted.max()) + 1 if len(wanted) else 0
    counts = np.bincount(groups, minlength=size)
    sums = np.bincount(groups, values, minlength=size)
    means: Floats = (sums / np.maximum(counts, 1))[wanted]
    return means


def _centred(columns: Floats, groups: Ints) -> Floats:
    """Return columns less their means of each group."""
    return np.column_stack([each - _means(each, groups, groups) for each in columns.T])
