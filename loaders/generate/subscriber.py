"""The people: who lives, works and spends time with whom, and what they are like.

People are numbered at random, so neither their number nor the order of rows says where they belong.
"""

from dataclasses import dataclass

import numpy as np

from loaders.generate.draws import Array, stream
from loaders.generate.options import Options
from loaders.generate.place import SECTORS, Country

TASTES = 6
PLANS = ("prepaid", "basic", "plus", "unlimited")
SEGMENTS = ("consumer", "youth", "business")
PREPAID = 0
PLACES = 8  # home, work, and others from the most to the least frequented

# Lists after ITU-T E.164 show the country code 210 empty, so that nobody has such a number.
_FIRST_MSISDN = 210_100_000_000
_MSISDN_STRIDE = 7
_HOUSEHOLD_SHARES = (0.33, 0.33, 0.15, 0.13, 0.06)  # of one to five people
_PREPAID_SHARE = 0.35
_GYRATION_EXPONENT = 1.65  # P(r) ~ (r + 5.8 km)^-1.65 exp(-r / 350 km): Gonzalez et al. 2008
_GYRATION_SHIFT_KM, _GYRATION_CUT_KM = 5.8, 350.0


@dataclass(frozen=True)
class People:
    """Arrays with an entry a person.

    Attributes
    ----------
    home_site, household, circle, team : Array
        Where and with whom; a team is a class of a school or the closest colleagues, -1: none.
    workplace : Array
        The workplace or school; -1: none.
    taste : Array
        In [0, ``TASTES``).
    proneness : Array
        Factor on the hazard of leaving for reasons of one's own; its mean is about 1.
    activity, sociability : Array
        Factors on traffic and on the number of acquaintances.
    shift_s : Array
        How much later than others one's day is, in seconds.
    places : Array
        The cells of each one's places: home, work (home, where there is none), others.
    """

    msisdn: Array
    home_site: Array
    household: Array
    circle: Array
    workplace: Array
    team: Array
    taste: Array
    proneness: Array
    birth_year: Array
    is_female: Array
    activity: Array
    sociability: Array
    shift_s: Array
    scale_km: Array
    places: Array
    plan: Array
    segment: Array
    joined_days_ago: Array

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.msisdn)


def populate(options: Options, country: Country) -> People:
    """Return the people of a country."""
    count, rng = options.people, stream(options.seed, "people")
    number = rng.permutation(count)  # of whom stands at a position among households
    household, is_child, home = _households(count, country, rng)
    age = np.where(is_child, rng.integers(6, 20, count), rng.integers(20, 85, count))
    scale_km = _scales_km(count, rng)
    works = (age < 20) | ((age < 66) & (rng.random(count) < 0.8))
    commute_km = np.where(age < 20, 1.0, 0.85 * scale_km)
    work = np.where(works, country.site_at(home, commute_km, rng), home)
    workplace, team = _workplaces(np.where(works, work, -1), age < 20, rng)
    circle = _circles(household, home, work, rng)
    taste = _tastes(circle, options.homophily, rng)
    sector = rng.integers(0, SECTORS, int(household.max()) + 1)[household]
    places = _places(country, home, work, sector, scale_km, rng)
    is_prepaid = rng.random(count) < _PREPAID_SHARE
    of_number = np.empty(count, np.int64)
    of_number[number] = np.arange(count)
    numbered = np.arange(count) * _MSISDN_STRIDE + rng.integers(0, _MSISDN_STRIDE, count)
    return People(
        msisdn=_FIRST_MSISDN + numbered,
        home_site=home[of_number].astype(np.int32),
        household=household[of_number].astype(np.int32),
        circle=circle[of_number].astype(np.int32),
        workplace=workplace[of_number].astype(np.int32),
        team=team[of_number].astype(np.int32),
        taste=taste[of_number].astype(np.int8),
        proneness=_proneness(taste, rng)[of_number].astype(np.float32),
        birth_year=(options.start.year - age)[of_number].astype(np.int16),
        is_female=rng.random(count) < 0.5,
        activity=rng.lognormal(-0.18, 0.6, count).astype(np.float32),
        sociability=np.minimum(1 + rng.pareto(2.2, count), 300).astype(np.float32),
        shift_s=(rng.normal(0, 1.2, count) * 3600).astype(np.int32),
        scale_km=scale_km[of_number].astype(np.float32),
        places=places[of_number],
        plan=np.where(is_prepaid, PREPAID, rng.integers(1, len(PLANS), count)).astype(np.int8),
        segment=np.where(age < 26, 1, np.where(rng.random(count) < 0.1, 2, 0))[of_number],
        joined_days_ago=(rng.exponential(900, count) + 30).astype(np.int32),
    )


def _households(
    count: int, country: Country, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    sizes = rng.choice(len(_HOUSEHOLD_SHARES), count, p=_HOUSEHOLD_SHARES) + 1
    first = np.cumsum(sizes) - sizes
    sizes, first = sizes[first < count], first[first < count]
    household = np.repeat(np.arange(len(sizes)), sizes)[:count]
    is_child = np.arange(count) - first[household] >= 2
    return household, is_child, (first * country.sites // count)[household]


def _scales_km(count: int, rng: np.random.Generator) -> Array:
    """Draw how far people get about."""
    grid_km = np.concatenate([[0], np.geomspace(0.05, 600, 2000)])
    density = (grid_km + _GYRATION_SHIFT_KM) ** -_GYRATION_EXPONENT
    density *= np.exp(-grid_km / _GYRATION_CUT_KM)
    steps = np.diff(grid_km) * (density[1:] + density[:-1]) / 2
    cumulated = np.concatenate([[0], np.cumsum(steps)])
    scales_km: Array = np.interp(rng.random(count), cumulated / cumulated[-1], grid_km)
    return scales_km


def _workplaces(site: Array, is_pupil: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Divide those who work at a site, and those who learn there, among workplaces and teams."""
    kind = np.where(site < 0, -1, site * 2 + is_pupil)
    order = np.lexsort((rng.random(len(site)), kind))
    most = np.minimum(4 * (1 + rng.pareto(1.1, len(site))), 1_000).astype(np.int64)
    workplace = _cut(order, kind, most)
    team = _cut(order, workplace, rng.integers(5, 15, len(site)))
    return workplace, team


def _circles(household: Array, home: Array, work: Array, rng: np.random.Generator) -> Array:
    """Divide people among circles of friends: of households nearby, or of people at work."""
    at_work = rng.random(len(home)) < 0.2
    where = np.where(at_work, work, home)
    together = rng.random(int(household.max()) + 1)[household]
    order = np.lexsort((np.where(at_work, rng.random(len(home)), together), where))
    return _cut(order, where, rng.integers(3, 9, len(home)))


def _cut(order: Array, group: Array, sizes: Array) -> Array:
    """Cut groups, whose members follow each other in an order, into parts of given sizes.

    Returns the part of each; -1 for those whose group is -1.
    """
    ends = np.cumsum(sizes)
    piece = np.searchsorted(ends, np.arange(len(order)), side="right")
    ordered = group[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (np.diff(ordered) != 0) | (np.diff(piece) != 0)
    part = np.empty(len(order), np.int64)
    part[order] = np.where(ordered < 0, -1, np.cumsum(begins) - 1)
    return part


def _tastes(circle: Array, homophily: float, rng: np.random.Generator) -> Array:
    shared = rng.integers(0, TASTES, int(circle.max()) + 1)[circle]
    own = rng.integers(0, TASTES, len(circle))
    return np.where(rng.random(len(circle)) < homophily, shared, own)


def _proneness(taste: Array, rng: np.random.Generator) -> Array:
    by_taste = np.exp(np.linspace(-1, 1, TASTES))
    proneness: Array = (by_taste / by_taste.mean())[taste]
    return proneness * rng.lognormal(-0.045, 0.3, len(taste))


def _places(
    country: Country,
    home: Array,
    work: Array,
    sector: Array,
    scale_km: Array,
    rng: np.random.Generator,
) -> Array:
    places = np.empty((len(home), PLACES), np.int32)
    places[:, 0] = home * SECTORS + sector
    works = work * SECTORS + rng.integers(0, SECTORS, len(home))
    places[:, 1] = np.where(work == home, places[:, 0], works)
    for rank in range(2, PLACES):
        away_km = scale_km * rng.lognormal(-0.2, 0.7, len(home))
        site = country.site_at(home, away_km, rng)
        places[:, rank] = site * SECTORS + rng.integers(0, SECTORS, len(home))
    return places
