"""The whole population: what stays the same from day to day, and who has left."""

from dataclasses import dataclass

import numpy as np

from loaders.generate.device import own
from loaders.generate.draws import Array, salt
from loaders.generate.mobility import whereabouts
from loaders.generate.options import Options
from loaders.generate.place import Country, found_country
from loaders.generate.problem import Problem, plant
from loaders.generate.rhythm import DAY_S
from loaders.generate.subscriber import People, populate
from loaders.generate.tie import Ties, tie

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Population:
    """Country, people, ties, devices and problems.

    Attributes
    ----------
    model : Array
        The model of each one's device.
    left_at : Array
        When each one left, in seconds since 1970; ``NEVER``: has not. Filled day by day.
    traffic : float
        Factor on the natural rate of calls, messages, sessions and locations.
    """

    options: Options
    country: Country
    people: People
    ties: Ties
    model: Array
    problems: list[Problem]
    left_at: Array
    traffic: float
    mobility_salt: int
    initiative_salt: int

    def weekday(self, day: int) -> int:
        """Return the day of the week, Monday being 0."""
        return (self.options.start.weekday() + day) % 7

    def at(self, day: int, second: Array) -> Array:
        """Return instants, in seconds since 1970."""
        return self.options.start_s + day * DAY_S + second

    def cell_of(self, who: Array, day: int, second: Array) -> Array:
        """Return the cell where each one is."""
        is_weekend = self.weekday(day) >= 5
        return whereabouts(self.people, who, day, second, is_weekend, self.mobility_salt)

    def is_there(self, who: Array, at: Array) -> Array:
        """Tell who had not left at an instant, in seconds since 1970."""
        is_there: Array = at < self.left_at[who]
        return is_there


def settle(options: Options) -> Population:
    """Return a population before its first day."""
    country = found_country(options.people, options.seed)
    people = populate(options, country)
    crowd = np.bincount(people.places[:, 0], minlength=country.cells)
    return Population(
        options=options,
        country=country,
        people=people,
        ties=tie(options, country, people),
        model=own(options, people),
        problems=plant(options, country, crowd, people.activity),
        left_at=np.full(len(people), NEVER),
        traffic=1.0,
        mobility_salt=salt(options.seed, "mobility"),
        initiative_salt=salt(options.seed, "initiative"),
    )
