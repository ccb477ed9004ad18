"""All indicators of many subscribers: each period's, then mean and deviation over the periods.

Every group of indicators is made when one of it is asked for, and once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graph.behaviour.arrays import Floats, Ints, Statistic, Summary, spread, totals
from graph.behaviour.events import Events, GroupBy, Periods, Slice
from graph.behaviour.individual import (
    Distributions,
    Scalars,
    contacts,
    conversations,
    interactions,
    spoken,
    times,
)
from graph.behaviour.spatial import PLACES, Stays, distances, homes, places, stays

_NIGHTS = Slice(part_of_day="night")
_EVERYTHING = Slice()


@dataclass(frozen=True)
class Spread:
    """Mean and population deviation over periods, by subscriber; NaN where there is none."""

    mean: Floats
    std: Floats


class Behaviour:
    """The behaviour of some subscribers, in the calendar of a time zone."""

    def __init__(self, events: Events, time_zone: str) -> None:
        self.events = events
        self._time_zone = time_zone
        self._periods: dict[GroupBy, Periods] = {}
        self._stays: dict[tuple[GroupBy, Slice], Stays] = {}

    def of(self, group_by: GroupBy, wanted: Slice = _EVERYTHING) -> "Indicators":
        """Return the indicators of a slice, by period."""
        return Indicators(self, group_by, wanted)

    def churn_rate(self) -> Spread:
        """Return how much the places of consecutive weeks differ, from 0 to 1."""
        found, owner = distances(self.stays("week", _EVERYTHING), self.periods("week"))
        return Spread(*spread(found, owner, len(self.events.subscriber_ids)))

    @cached_property
    def homes(self) -> Ints:
        """Every subscriber's home cell; -1: unknown."""
        return homes(self.stays("none", _NIGHTS), self.periods("none"))

    def periods(self, group_by: GroupBy) -> Periods:
        """Return the events in their periods."""
        if group_by not in self._periods:
            self._periods[group_by] = Periods(self.events, self._time_zone, group_by)
        return self._periods[group_by]

    def stays(self, group_by: GroupBy, wanted: Slice) -> Stays:
        """Return the half hours at each cell."""
        if (group_by, wanted) not in self._stays:
            periods = self.periods(group_by)
            self._stays[group_by, wanted] = stays(periods, periods.chosen(wanted))
        return self._stays[group_by, wanted]


class Indicators:
    """The indicators of one slice; those of places count whatever the interaction."""

    def __init__(self, behaviour: Behaviour, group_by: GroupBy, wanted: Slice) -> None:
        self._behaviour = behaviour
        self._group_by: GroupBy = group_by
        self._where = Slice(wanted.part_of_week, wanted.part_of_day)
        self._periods = behaviour.periods(group_by)
        self._chosen = self._periods.chosen(wanted)
        self._is_absent = totals(self._periods.segment[self._chosen], self._periods.size) == 0

    @property
    def periods(self) -> Ints:
        """With how many periods each subscriber's mean is made."""
        subscribers = len(self._behaviour.events.subscriber_ids)
        return np.bincount(self._periods.owner[~self._is_absent], minlength=subscribers)

    def scalar(self, name: str) -> Spread:
        """Return an indicator that is one number a period, such as ``active_days``."""
        if name in PLACES:
            return self._spread(self._places[name])
        return self._spread(np.where(self._is_absent, np.nan, self._scalar(name)))

    def distribution(self, name: str, statistic: Statistic) -> Spread:
        """Return a statistic of an indicator that is many numbers, such as ``call_duration_s``."""
        return self._spread(self._distribution(name).statistic(statistic))

    def _scalar(self, name: str) -> Floats:
        if name in self._interactions:
            return self._interactions[name]
        if name == "percent_pareto_durations":
            return self._spoken[name]
        if name in self._contacts[0]:
            return self._contacts[0][name]
        return self._conversations[0][name]

    def _distribution(self, name: str) -> Summary:
        if name in self._times:
            return self._times[name]
        if name in self._contacts[1]:
            return self._contacts[1][name]
        return self._conversations[1][name]

    def _spread(self, values: Floats) -> Spread:
        subscribers = len(self._behaviour.events.subscriber_ids)
        return Spread(*spread(values, self._periods.owner, subscribers))

    @cached_property
    def _interactions(self) -> Scalars:
        return interactions(self._periods, self._chosen)

    @cached_property
    def _contacts(self) -> tuple[Scalars, Distributions]:
        return contacts(self._periods, self._chosen)

    @cached_property
    def _spoken(self) -> Scalars:
        return spoken(self._periods, self._chosen)

    @cached_property
    def _times(self) -> Distributions:
        return times(self._periods, self._chosen)

    @cached_property
    def _conversations(self) -> tuple[Scalars, Distributions]:
        return conversations(self._periods, self._chosen)

    @cached_property
    def _places(self) -> Mapping[str, Floats]:
        found = self._behaviour.stays(self._group_by, self._where)
        return places(found, self._periods, self._behaviour.homes)
