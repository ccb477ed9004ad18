"""How frequent traffic must be for a wanted number of records."""

from graph.errors import BadInput
from loaders.generate.care import RATED_SHARE
from loaders.generate.contact import expected_a_day
from loaders.generate.population import Population
from loaders.generate.register import STATED_SHARE
from loaders.generate.usage import COUNTERS, LOCATIONS_A_DAY, PERIODS, SESSIONS_A_DAY

_STANDING_EACH = 1 + 1 + 1.25  # subscribers, ownerships, subscriptions
_RARE_A_DAY = 0.058 + 0.006 + 0.002  # payments, touchpoints, opinions on the operator
_FILLED = 0.9  # of the counters: cells have no sessions in some nights


def traffic_for(population: Population, records: int) -> float:
    """Return the factor on natural traffic that makes about so many records in all.

    Raises
    ------
    BadInput
        What does not depend on traffic is more than that.
    """
    days, people = population.options.days, len(population.people)
    calls, messages = expected_a_day(population)
    active = float(population.people.activity.sum())
    a_day = calls + messages + active * (SESSIONS_A_DAY * (1 + RATED_SHARE) + LOCATIONS_A_DAY)
    counters = days * PERIODS * population.country.cells * len(COUNTERS) * _FILLED
    standing = people * (_STANDING_EACH + days * _RARE_A_DAY) + counters
    standing += population.country.cells * 4 / 3 + STATED_SHARE * len(population.ties)
    if records < 1.02 * standing:
        raise BadInput(
            f"{people:,} people in {days} days make at least {int(1.02 * standing) + 1:,} records"
        )
    return (records - standing) / (a_day * days)
