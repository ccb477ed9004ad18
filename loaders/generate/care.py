"""What people tell the operator: touchpoints and answers to surveys, after what they lived."""

import numpy as np

from loaders.generate.draws import Array, stream
from loaders.generate.files import Columns, instants, numbers, words
from loaders.generate.population import Population
from loaders.generate.rhythm import TALK, seconds_of_day
from loaders.generate.usage import SERVICE_OF_APP, SERVICES, Sessions, session_ids
from loaders.kinds.care import STAGES

RATED_SHARE = 0.01  # of sessions whose user is asked for an opinion and answers
_NPS_CHANCE = 0.002  # a day
_HELP, _CALM_SHARES = STAGES.index("get_help"), (0.5, 0.2, 0.3)
_CALM_CHANCE, _HELP_CHANCE, _UPSET_CHANCE = 0.004, 0.001, 0.05  # a day
_CHANNELS = ("hotline", "app", "shop", "chat", "web")
_TOPICS = ("tariff", "bill", "device", "coverage", "speed", "other")
_OUTCOMES = ("resolved", "open", "passed_on")


def rated(population: Population, sessions: Sessions, day: int, block: slice) -> Array:
    """Return the positions of sessions that are rated."""
    rng = stream(population.options.seed, "rated", day, block.start)
    return np.flatnonzero(rng.random(len(sessions.who)) < RATED_SHARE)


def surveys_of_day(
    population: Population,
    sessions: Sessions,
    position: Array,
    upset: Array,
    day: int,
    block: slice,
) -> Columns:
    """Return opinions on sessions (MOS) and on the operator (NPS).

    Parameters
    ----------
    position
        Which sessions are rated.
    upset
        How bad things were for each person of late, in [0, 1].
    """
    rng = stream(population.options.seed, "surveys", day, block.start)
    asked = np.arange(block.start, block.stop)
    asked = asked[rng.random(len(asked)) < _NPS_CHANCE]
    mos = 4.3 - 2.6 * sessions.severity[position] - 1.5 * ~sessions.is_set_up[position]
    mos = np.clip(np.round(mos + rng.normal(0, 0.6, len(position))), 1, 5)
    nps = np.round(8.2 - 7 * upset[asked] + rng.normal(0, 1.6, len(asked)))
    nps_second = seconds_of_day(TALK, population.people.shift_s[asked], rng)
    who = np.concatenate([sessions.who[position], asked])
    later = sessions.second[position] + sessions.duration_s[position] + 30
    at = population.at(day, np.concatenate([later, nps_second]))
    is_nps = np.arange(len(who)) >= len(position)
    service = np.concatenate(
        [SERVICE_OF_APP[sessions.app[position]], np.zeros(len(asked), np.int64)]
    )
    traced = np.concatenate([session_ids(day, block, position), np.zeros(len(asked), np.int64)])
    kept = population.is_there(who, at)
    return {
        "subscriber_id": population.people.msisdn[who][kept],
        "answered_at": instants(at[kept]),
        "kind": words(("mos", "nps"), is_nps[kept]),
        "score": np.concatenate([mos, np.clip(nps, 0, 10)])[kept].astype(np.int64),
        "service": words(SERVICES, service[kept], is_nps[kept]),
        "session_id": numbers(traced[kept], is_nps[kept]),
    }


def touchpoints_of_day(population: Population, upset: Array, day: int, block: slice) -> Columns:
    """Return contacts with the operator; the upset ask for help more often, about the network."""
    rng = stream(population.options.seed, "touchpoints", day, block.start)
    everyone = np.arange(block.start, block.stop)
    chance = rng.random(len(everyone))
    help_chance = _HELP_CHANCE + _UPSET_CHANCE * upset[block]
    who = everyone[chance < help_chance + _CALM_CHANCE]
    needs_help = (chance < help_chance)[who - block.start]
    at = population.at(day, seconds_of_day(TALK, population.people.shift_s[who], rng))
    kept = np.flatnonzero(population.is_there(who, at))
    who, at, needs_help = who[kept], at[kept], needs_help[kept]
    count = len(who)
    calm = rng.choice(len(_CALM_SHARES), count, p=_CALM_SHARES)
    is_network = needs_help & (rng.random(count) < 0.8)
    topic = np.where(is_network, rng.integers(3, 5, count), rng.integers(0, 3, count))
    return {
        "touchpoint_id": (day + 1) * 10**10 + population.people.msisdn[who] % 10**10,
        "subscriber_id": population.people.msisdn[who],
        "at": instants(at),
        "stage": words(STAGES, np.where(needs_help, _HELP, calm)),
        "channel": words(_CHANNELS, rng.integers(0, len(_CHANNELS), count)),
        "topic": words(_TOPICS, topic),
        "outcome": words(_OUTCOMES, rng.choice(3, count, p=(0.7, 0.2, 0.1))),
        "duration_s": np.ceil(rng.lognormal(5, 0.8, count)).astype(np.int64),
    }
