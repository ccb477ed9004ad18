"""Calls and messages along the ties, in the rhythm of the day."""

import numpy as np

from loaders.generate.draws import Array, noise, stream
from loaders.generate.files import Columns, instants, numbers
from loaders.generate.place import cell_id
from loaders.generate.population import Population
from loaders.generate.problem import Severity
from loaders.generate.rhythm import DAY_S, OFFICE, TALK, TEXT, seconds_of_day, weight_of_day
from loaders.generate.tie import COLLEAGUE, KINDS

_TURNS = 2.5  # messages of a conversation, in the mean
_ACQUAINTANCE = KINDS.index("acquaintance")
_MISSED = 0.10  # of the calls in the Copenhagen set: 366 of 3,600


def expected_a_day(population: Population) -> tuple[float, float]:
    """Return how many calls and messages a mean day has, at the natural rate."""
    calls, threads = _rates(population, slice(0, len(population.ties)))
    return float(calls.sum()), float(threads.sum()) * _TURNS


def calls_of_day(population: Population, severity: Severity, day: int, block: slice) -> Columns:
    """Return the calls of a day along a block of ties."""
    rng = stream(population.options.seed, "calls", day, block.start)
    rate, _ = _rates(population, block)
    caller, callee, second, tie = _events(population, rate, TALK, day, block, rng)
    count, people = len(tie), population.people
    from_cell = population.cell_of(caller, day, second)
    to_cell = population.cell_of(callee, day, second)
    voice = np.maximum(severity.by_voice[from_cell], severity.by_voice[to_cell])
    own = np.maximum(severity.by_person[caller], severity.by_person[callee])
    radio = severity.by_cell[second // 3600, from_cell]
    radio = np.maximum(radio, np.maximum(voice, own))
    device = severity.by_model[population.model[caller]]
    worst = np.maximum(radio, device)
    is_set_up = rng.random(count) >= 0.006 + 0.15 * worst
    is_answered = is_set_up & (rng.random(count) >= _MISSED)
    is_dropped = is_answered & (rng.random(count) < 0.006 + 0.15 * worst)
    duration = np.minimum(rng.lognormal(4.0, 1.1, count), 7_200) * np.where(is_dropped, 0.4, 1.0)
    setup_ms = rng.lognormal(7.2, 0.3, count) * (1 + 1.5 * radio)
    mos = np.clip(4.25 - 1.8 * worst + rng.normal(0, 0.2, count), 1, 5)
    return {
        "caller_id": people.msisdn[caller],
        "callee_id": people.msisdn[callee],
        "started_at": instants(population.at(day, second)),
        "duration_s": numbers(np.ceil(duration), ~is_answered),
        "is_answered": is_answered,
        "caller_cell_id": cell_id(from_cell),
        "callee_cell_id": cell_id(to_cell),
        "is_set_up": is_set_up,
        "setup_ms": numbers(setup_ms, ~is_set_up),
        "is_dropped": is_dropped,
        "mos": numbers(mos, ~is_answered, 2),
    }


def messages_of_day(population: Population, severity: Severity, day: int, block: slice) -> Columns:
    """Return the messages of a day along a block of ties: conversations that go to and fro."""
    rng = stream(population.options.seed, "messages", day, block.start)
    _, rate = _rates(population, block)
    starter, other, begun, _ = _events(population, rate, TEXT, day, block, rng)
    turns = rng.geometric(1 / _TURNS, len(starter))
    thread = np.repeat(np.arange(len(starter)), turns)
    first = np.repeat(np.cumsum(turns) - turns, turns)
    turn = np.arange(len(thread)) - first
    gaps = np.where(turn == 0, 0, rng.lognormal(4.2, 1.3, len(thread))).astype(np.int64)
    elapsed = np.cumsum(gaps)
    second = begun[thread] + elapsed - elapsed[first] + gaps[first]
    answers = (turn > 0) & (rng.random(len(thread)) < 0.8)
    is_reply: Array = np.cumsum(answers) - np.cumsum(answers)[first]
    from_other = is_reply % 2 == 1
    sender = np.where(from_other, other[thread], starter[thread])
    recipient = np.where(from_other, starter[thread], other[thread])
    at = population.at(day, second)
    is_there = population.is_there(sender, at) & population.is_there(recipient, at)
    kept = np.flatnonzero((second < DAY_S) & is_there)
    kept = kept[np.argsort(second[kept], kind="stable")]
    sender, recipient, second = sender[kept], recipient[kept], second[kept]
    people, from_cell = population.people, population.cell_of(sender, day, second)
    radio = np.maximum(severity.by_cell[second // 3600, from_cell], severity.by_person[sender])
    return {
        "sender_id": people.msisdn[sender],
        "recipient_id": people.msisdn[recipient],
        "sent_at": instants(at[kept]),
        "sender_cell_id": cell_id(from_cell),
        "recipient_cell_id": cell_id(population.cell_of(recipient, day, second)),
        **_delivery(population, np.maximum(radio, severity.by_message[0]), day, block),
    }


def _delivery(population: Population, worst: Array, day: int, block: slice) -> Columns:
    """Return whether and how soon messages arrive."""
    rng = stream(population.options.seed, "deliveries", day, block.start)
    is_delivered = rng.random(len(worst)) >= 0.004 + 0.15 * worst
    delivery_ms = rng.lognormal(8.0, 0.5, len(worst)) * (1 + 5 * worst)
    return {"is_delivered": is_delivered, "delivery_ms": numbers(delivery_ms, ~is_delivered)}


def _rates(population: Population, block: slice) -> tuple[Array, Array]:
    """Return the calls and the conversations a day of each tie."""
    ties, people = population.ties, population.people
    born = (people.birth_year[ties.first[block]].astype(np.float64) - 1940) / 80
    born += (people.birth_year[ties.second[block]].astype(np.float64) - 1940) / 80
    text_share = np.clip(0.15 + 0.3 * born, 0.05, 0.8)
    a_day = ties.strength[block] / 7
    return a_day * (1 - text_share), a_day * text_share


def _events(
    population: Population,
    rate: Array,
    profile: int,
    day: int,
    block: slice,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array, Array]:
    """Draw contacts: who turned to whom at which second, in order of time, along which tie."""
    ties, weekday = population.ties, population.weekday(day)
    is_office = ties.kind[block] == COLLEAGUE
    weight = np.where(is_office, weight_of_day(OFFICE, weekday), weight_of_day(TALK, weekday))
    contacts = rng.poisson(rate * weight * population.traffic)
    tie = block.start + np.repeat(np.arange(len(rate)), contacts)
    first, second_end, kind = ties.first[tie], ties.second[tie], ties.kind[tie]
    by_first = rng.random(len(tie)) < _initiative(population, first, second_end, kind)
    starter = np.where(by_first, first, second_end)
    other = np.where(by_first, second_end, first)
    profiles = np.where(kind == COLLEAGUE, OFFICE, profile)
    second = seconds_of_day(profiles, population.people.shift_s[starter], rng)
    at = population.at(day, second)
    is_there = population.is_there(starter, at) & population.is_there(other, at)
    kept = np.flatnonzero(is_there)
    kept = kept[np.argsort(second[kept], kind="stable")]
    return starter[kept], other[kept], second[kept], tie[kept]


def _initiative(population: Population, first: Array, second: Array, kind: Array) -> Array:
    """Return the probability that the first end makes the contact: always the same of a tie."""
    chance = noise(population.initiative_salt, first, second)
    balanced = 0.25 + 0.5 * chance
    lopsided = np.where(chance < 0.25, 0.0, np.where(chance > 0.75, 1.0, balanced))
    return np.where(kind == _ACQUAINTANCE, lopsided, balanced)
