"""What a model of churn is told of each subscriber, as of a day and from the days before it.

Each feature is one number; NaN is not known. Those of the group ``network`` need others' leaving,
and are left out where the same model is to be judged without them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from graph.churn.propagation import Spreading, propagate
from graph.churn.records import Floats, Matrix, Records
from graph.contagion.contagion import LASTS_DAYS

Group = Literal["traffic", "data", "experience", "touchpoints", "payments", "profile", "network"]
_SPREADING = Spreading(0.5, hops=3)


@dataclass(frozen=True)
class Past:
    """What was known before a day, the features' own arithmetic shared.

    Attributes
    ----------
    cut : int
        The day; nothing from it on is looked at.
    window_days : int
        How far back what is recent goes; as far as the horizon.
    """

    records: Records
    cut: int
    window_days: int

    def total(self, name: str, share: float = 1.0) -> Floats:
        """Return what each had of something in the last part of the window."""
        return self.records.count(name).between(self._since(share), self.cut, len(self.records))

    def change(self, name: str) -> Floats:
        """Return what share of the window's was in its second half; NaN where there was none."""
        return _quotient(self.total(name, 0.5), self.total(name))

    @cached_property
    def events(self) -> Floats:
        """Calls and messages in the window."""
        return self.records.talk.between(self._since(1), self.cut, len(self.records))

    def events_change(self) -> Floats:
        """Return what share of these was in the window's second half."""
        recent = self.records.talk.between(self._since(0.5), self.cut, len(self.records))
        return _quotient(recent, self.events)

    def active_days(self) -> Floats:
        """Return on how many days of the window each called or was called."""
        talk, people = self.records.talk, len(self.records)
        within = (talk.day >= self._since(1)) & (talk.day < self.cut)
        days = np.unique(talk.who[within] * np.int64(self.cut + 1) + talk.day[within])
        return np.bincount(days // (self.cut + 1), minlength=people).astype(np.float64)

    def silent_days(self) -> Floats:
        """Return how long ago the last call or message was; NaN: there was none."""
        last = self.records.last_d(self.cut)
        return np.where(np.isfinite(last), self.cut - last, np.nan)

    def experience(self, share: float = 1.0) -> Floats:
        """Return the CEI, 0 to 100, of the last part of the window; NaN: no sample."""
        scores = self.total("experience_score", share)
        return 100 * _quotient(scores, self.total("experience_weight", share))

    def paid_days_ago(self) -> Floats:
        """Return how long ago the last payment was; NaN: there was none."""
        payments = self.records.count("payments")
        last, known = np.full(len(self.records), -np.inf), payments.day < self.cut
        np.maximum.at(last, payments.who[known], payments.day[known].astype(np.float64))
        return np.where(np.isfinite(last), self.cut - last, np.nan)

    def tenure_days(self) -> Floats:
        """Return for how long each has been with the operator."""
        nothing = np.full(len(self.records), np.nan)
        return self.cut - self.records.facts.get("joined_d", nothing)

    def fact(self, name: str) -> Floats:
        """Return what stays the same."""
        return self.records.facts.get(name, np.full(len(self.records), np.nan))

    @cached_property
    def contacts(self) -> Matrix:
        """How often each two were in touch."""
        return self.records.contacts(self.cut)

    @cached_property
    def shares(self) -> Matrix:
        """The share of each contact in one's ties."""
        return self.records.history(self.cut, self.window_days).shares

    @cached_property
    def left_d(self) -> Floats:
        """When each left, as far as it was known; NaN: had not."""
        return self.records.left_d(self.cut, self.window_days)

    def known(self) -> Floats:
        """Return with how many each was in touch."""
        known: Floats = np.diff(self.contacts.indptr).astype(np.float64)
        return known

    def news(self) -> Floats:
        """Return the share of ties with those who left, fading with the days since."""
        fresh = np.exp(-(self.cut - self.left_d) / LASTS_DAYS)
        news: Floats = self.shares @ np.nan_to_num(fresh)
        return news

    def left_share(self) -> Floats:
        """Return the share of ties with those who left: what wvRN says of the neighbours."""
        share: Floats = self.shares @ (~np.isnan(self.left_d)).astype(np.float64)
        return share

    def left_contacts(self) -> Floats:
        """Return how many contacts left."""
        binary = self.contacts.copy()
        binary.data[:] = 1
        count: Floats = binary @ (~np.isnan(self.left_d)).astype(np.float64)
        return count

    def energy(self) -> Floats:
        """Return what energy reaches each when all who left spread it, in three steps."""
        seeds = (~np.isnan(self.left_d)).astype(np.float64)
        if not seeds.any():
            return seeds
        return propagate(self.contacts, seeds, _SPREADING).energy

    def _since(self, share: float) -> int:
        return max(0, self.cut - max(1, round(share * self.window_days)))


@dataclass(frozen=True)
class Feature:
    """One number that a model is told.

    Attributes
    ----------
    unit : str
        Empty: a plain number.
    of : callable
        Returns it of each, from what was known.
    """

    name: str
    group: Group
    title: str
    unit: str
    of: Callable[[Past], Floats]


#: In the order of a model's columns. ``words`` of the same name mean that the number is a position.
FEATURES: tuple[Feature, ...] = (
    Feature("events", "traffic", "calls and messages", "", lambda past: past.events),
    Feature(
        "events_change",
        "traffic",
        "share of calls and messages in the second half of the window",
        "share",
        Past.events_change,
    ),
    Feature("active_days", "traffic", "days with a call or message", "days", Past.active_days),
    Feature("silent_days", "traffic", "since the last call or message", "days", Past.silent_days),
    Feature("contacts", "traffic", "counterparts over all time", "", Past.known),
    Feature("sessions", "data", "data sessions", "", lambda past: past.total("sessions")),
    Feature(
        "sessions_change",
        "data",
        "share of data sessions in the second half of the window",
        "share",
        lambda past: past.change("sessions"),
    ),
    Feature("volume", "data", "data volume", "bytes", lambda past: past.total("volume_bytes")),
    Feature("experience", "experience", "CEI", "points", Past.experience),
    Feature(
        "experience_of_late",
        "experience",
        "CEI in the last third of the window",
        "points",
        lambda past: past.experience(1 / 3),
    ),
    Feature(
        "help_requests",
        "touchpoints",
        "requests for help",
        "",
        lambda past: past.total("help_requests"),
    ),
    Feature(
        "touchpoints",
        "touchpoints",
        "contacts with the operator",
        "",
        lambda past: past.total("touchpoints"),
    ),
    Feature("payments", "payments", "payments", "", lambda past: past.total("payments")),
    Feature("paid_days_ago", "payments", "since the last payment", "days", Past.paid_days_ago),
    Feature("tenure", "profile", "since joining", "days", Past.tenure_days),
    Feature("birth_year", "profile", "year of birth", "", lambda past: past.fact("birth_year")),
    Feature("plan", "profile", "tariff plan", "", lambda past: past.fact("plan")),
    Feature("segment", "profile", "segment", "", lambda past: past.fact("segment")),
    Feature("gender", "profile", "gender", "", lambda past: past.fact("gender")),
    Feature("news", "network", "fresh share of ties with those who left", "share", Past.news),
    Feature("left_share", "network", "share of ties with those who left", "share", Past.left_share),
    Feature("left_contacts", "network", "contacts who left", "", Past.left_contacts),
    Feature("energy", "network", "energy that spread from those who left", "", Past.energy),
)


def features_of(records: Records, cut: int, window_days: int) -> Floats:
    """Return a row a subscriber and a column a feature, from the days before a day alone."""
    past = Past(records, cut, window_days)
    return np.column_stack([feature.of(past) for feature in FEATURES])


def columns_of(groups_left_out: tuple[Group, ...] = ()) -> list[int]:
    """Return the columns of features, those of some groups left out."""
    return [at for at, each in enumerate(FEATURES) if each.group not in groups_left_out]


def told(feature: Feature, value: float, words: Mapping[str, list[str]]) -> str | None:
    """Return the text that a number stands for; None where it is a number.

    Examples
    --------
    >>> plan = next(each for each in FEATURES if each.name == "plan")
    >>> told(plan, 1.0, {"plan": ["basic", "prepaid"]})
    'prepaid'
    """
    if feature.name not in words or np.isnan(value):
        return None
    return words[feature.name][int(value)]


def _quotient(above: Floats, below: Floats) -> Floats:
    share: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return share
