"""What is known of subscribers day by day, as arrays that a model of churn is learned from.

Everything has its day, so that what is asked as of a day can be answered from the days before it
alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.contagion.contagion import STAYS, History

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Matrix = Any  # scipy.sparse.csr_array, which has no types

#: How churn is known: the operator says so, or somebody is silent for as long as the horizon.
Definition = Literal["status", "silence"]


@dataclass(frozen=True, eq=False)
class Daily:
    """Something counted of subscribers by days, a row each; others have none.

    Attributes
    ----------
    who, day : array of int
        The subscriber's position, and the day, from 0.
    amount : array of float
        How much.
    """

    who: Ints
    day: Ints
    amount: Floats

    def between(self, first: int, last: int, people: int) -> Floats:
        """Return how much each had from a day on and before another."""
        within = (self.day >= first) & (self.day < last)
        return np.bincount(self.who[within], self.amount[within], minlength=people).astype(float)

    def days_between(self, first: int, last: int, people: int) -> Floats:
        """Return how many rows each had from a day on and before another."""
        within = (self.day >= first) & (self.day < last)
        return np.bincount(self.who[within], minlength=people).astype(np.float64)


NOTHING = Daily(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True, eq=False)
class Ties:
    """Calls and messages by directed pairs and days, a row each.

    Attributes
    ----------
    last_d : array of float
        When the last of them began, in days from the start, such as 3.75 for 18:00 of day 3.
    """

    caller: Ints
    callee: Ints
    day: Ints
    events: Floats
    last_d: Floats


@dataclass(frozen=True, eq=False)
class Records:
    """What is known of subscribers.

    Attributes
    ----------
    keys : array of str
        The subscribers' keys, sorted; one is known by its position here.
    days : int
        How many whole days there are.
    definition : {"status", "silence"}
        How churn is known.
    stated : array of float
        When the operator says that each left, in days from the start; NaN: does not.
    is_known : array of bool
        Whom the operator knows; a number that only others called is nobody to be kept.
    counts : Mapping
        ``Daily`` by name: sessions, volume_bytes, help_requests, touchpoints, payments,
        experience_score and experience_weight (their quotient is the CEI).
    facts : Mapping
        What stays the same, a number a subscriber, NaN where unknown; of texts, the position in
        ``words``.
    """

    keys: npt.NDArray[np.str_]
    days: int
    definition: Definition
    stated: Floats
    is_known: Flags
    ties: Ties
    counts: Mapping[str, Daily]
    facts: Mapping[str, Floats] = field(default_factory=dict)
    words: Mapping[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def talk(self) -> Daily:
        """Calls and messages of each, in both directions."""
        ties = self.ties
        return Daily(
            np.concatenate([ties.caller, ties.callee]),
            np.concatenate([ties.day, ties.day]),
            np.concatenate([ties.events, ties.events]),
        )

    @cached_property
    def moments(self) -> Daily:
        """The last call or message of each day of each, in days from the start."""
        ties = self.ties
        return Daily(self.talk.who, self.talk.day, np.concatenate([ties.last_d, ties.last_d]))

    def count(self, name: str) -> Daily:
        """Return something counted; nothing where nobody counted it."""
        return self.counts.get(name, NOTHING)

    def last_d(self, cut: int) -> Floats:
        """Return when each last called or wrote before a day; -inf: never."""
        last, known = np.full(len(self), -np.inf), self.moments.day < cut
        np.maximum.at(last, self.moments.who[known], self.moments.amount[known])
        return last

    def left_d(self, cut: int, horizon_days: int) -> Floats:
        """Return when each left, as far as that was known before a day; NaN: had not.

        Whoever falls silent left with the last call or message, which is known a horizon later.
        """
        if self.definition == "status":
            return np.where(self.stated < cut, self.stated, np.nan)
        last = self.last_d(cut)
        is_silent = (last < cut - horizon_days) & np.isfinite(last)
        return np.where(is_silent, last, np.nan)

    def is_there(self, cut: int, horizon_days: int) -> Flags:
        """Tell who could still leave: the known who had not, or who were not silent of late."""
        if self.definition == "status":
            there: Flags = self.is_known & ~(self.stated < cut)
            return there
        return self.is_known & (self.talk.between(cut - horizon_days, cut, len(self)) > 0)

    def leaves(self, cut: int, horizon_days: int) -> Flags:
        """Tell who left from a day on, within the horizon."""
        if self.definition == "status":
            within: Flags = (self.stated >= cut) & (self.stated < cut + horizon_days)
            return within
        silent: Flags = self.talk.between(cut, cut + horizon_days, len(self)) == 0
        return silent

    def contacts(self, cut: int, parity: int | None = None) -> Matrix:
        """Return how often each two were in touch before a day: symmetric.

        Parameters
        ----------
        parity : int, optional
            0: on even days, 1: on odd ones; unset: on all.
        """
        ties, people = self.ties, len(self)
        known = ties.day < cut
        if parity is not None:
            known &= ties.day % 2 == parity
        ends = (ties.caller[known], ties.callee[known])
        directed = sparse.csr_array((ties.events[known], ends), shape=(people, people))
        return sparse.csr_array(directed + directed.T)

    def history(self, cut: int, horizon_days: int) -> History:
        """Return who knew whom and who left when, as far as it was known before a day."""
        left_d = self.left_d(cut, horizon_days)
        left_on = np.where(np.isnan(left_d), STAYS, np.floor(np.nan_to_num(left_d)))
        left_on = np.where(left_on < 0, STAYS, left_on)  # before the first day: no contact of now
        return History(
            self.contacts(cut),
            left_on.astype(np.int64),
            max(cut, 1),
            halves=(self.contacts(cut, 0), self.contacts(cut, 1)),
        )
