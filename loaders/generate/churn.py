"""Who leaves, when, why, and because of whom.

The hazard of leaving on a day is the sum of three::

    h_j(t) = c proneness_j + d upset_j(t) + (k / T) sum_i s_ij exp(-(t - t_i) / T)

over the contacts i who left at t_i before that day; s_ij is the share of i in the strength of all
of j's ties, so that k is what it adds up to when all of them leave. A cause is drawn in proportion
to its part of the hazard, and of contacts in proportion to theirs.
"""

from dataclasses import dataclass

import numpy as np

from loaders.generate.draws import Array, stream
from loaders.generate.population import NEVER, Population

CAUSES = ("baseline", "experience", "contagion")
_LASTS_DAYS = 10.0  # T: how long a leave-taking is talked about
_KEPT = float(np.exp(-1 / _LASTS_DAYS))
_UPSET_KEPT = 0.8  # a day, of how bad things were before
_OPENS_S, _CLOSES_S = 9 * 3600, 20 * 3600


@dataclass(frozen=True)
class Leavers:
    """Those who leave on a day.

    Attributes
    ----------
    cause : Array
        Position in ``CAUSES``.
    because_of : Array
        The contact who left before; -1 where the cause is another.
    """

    who: Array
    at: Array
    cause: Array
    because_of: Array


class Churn:
    """The state from which people leave, day by day."""

    def __init__(self, population: Population) -> None:
        count = len(population.people)
        self._population = population
        self._pressure = np.zeros(count)
        self.upset = np.zeros(count, np.float32)
        self._starts, self._contact, self._weight = _contacts(population, count)
        self._strength = np.bincount(
            np.repeat(np.arange(count), np.diff(self._starts)), self._weight, minlength=count
        )

    def leave(self, day: int) -> Leavers:
        """Let people leave on a day because of what happened before it."""
        population, options = self._population, self._population.options
        rng = stream(options.seed, "churn", day)
        self._pressure *= _KEPT
        hazards = np.stack(
            [
                options.churn / 30 * population.people.proneness,
                options.discontent * self.upset,
                options.contagion / _LASTS_DAYS * self._pressure,
            ]
        )
        total = hazards.sum(axis=0)
        leaves = (rng.random(len(total)) < -np.expm1(-total)) & (population.left_at == NEVER)
        who = np.flatnonzero(leaves)
        at = population.at(day, rng.integers(_OPENS_S, _CLOSES_S, len(who)))
        level = rng.random(len(who)) * total[who]
        cause = (level >= np.cumsum(hazards[:, who], axis=0)[:-1]).sum(axis=0)
        because_of = np.full(len(who), -1)
        infected = np.flatnonzero(cause == CAUSES.index("contagion"))
        because_of[infected] = self._culprits(who[infected], day, rng)
        population.left_at[who] = at
        self._press(who)
        return Leavers(who, at, cause, because_of)

    def feel(self, severity: Array, sessions: Array) -> None:
        """Take in the day: the mean severity of each one's sessions, where there were any."""
        has_any = sessions > 0
        mean = severity[has_any] / sessions[has_any]
        kept = self.upset[has_any] * _UPSET_KEPT
        self.upset[has_any] = kept + (1 - _UPSET_KEPT) * mean

    def _press(self, leavers: Array) -> None:
        """Let the contacts of leavers feel it from the next day on."""
        at, _ = _spans(self._starts, leavers)
        feels = self._contact[at]
        np.add.at(self._pressure, feels, self._weight[at] / self._strength[feels])

    def _culprits(self, who: Array, day: int, rng: np.random.Generator) -> Array:
        """Draw the contact because of whom each one leaves."""
        at, owner = _spans(self._starts, who)
        left_at = self._population.left_at[self._contact[at]]
        has_left = left_at != NEVER
        left_on = np.where(has_left, left_at - self._population.options.start_s, 0) // 86_400
        weight = has_left * self._weight[at] * np.exp((left_on - day) / _LASTS_DAYS)
        upto = np.cumsum(weight)
        ends = np.searchsorted(owner, np.arange(len(who)), side="right")
        above = upto[ends - 1] if len(who) else upto
        below = np.concatenate([[0.0], above[:-1]]) if len(who) else above
        level = below + rng.random(len(who)) * (above - below)
        found: Array = self._contact[at[np.searchsorted(upto, level, side="right")]]
        return found


def _contacts(population: Population, count: int) -> tuple[Array, Array, Array]:
    """Return the ties of each: where a person's begin, the contacts, and how strong they are."""
    ties = population.ties
    ends = np.concatenate([ties.first, ties.second])
    order = np.argsort(ends, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))])
    contact = np.concatenate([ties.second, ties.first])[order]
    return starts, contact, np.concatenate([ties.strength, ties.strength])[order]


def _spans(starts: Array, who: Array) -> tuple[Array, Array]:
    """Return the positions of everyone's ties, and to which of ``who`` each belongs."""
    counts = starts[who + 1] - starts[who]
    owner = np.repeat(np.arange(len(who)), counts)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[who][owner] + offset, owner
