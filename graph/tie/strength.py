"""How strong a directed tie is, from 0 (not at all) to 1.

Of the ``events`` (calls and messages) from one subscriber to another and of their talking time,
four things are told, each from 0 to 1, and how much the last event still counts::

    frequency   = events / (events + half_events)
    duration    = duration_s / (duration_s + half_duration_s)
    regularity  = d / (d + half_regularity),     d = active days / days since the first event
    reciprocity = fewer / more of the events of both directions
    recency     = 2 ** -(days since the last event / half_life_days)

    strength = recency x mean of the four by their weights

Days are counted from an event to the end of what is looked at, and are at least 1 for regularity.
"""

from dataclasses import dataclass, replace

import numpy as np

from graph.projection import Floats, Ints, Projection

_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class StrengthWeights:
    """What counts how much.

    Attributes
    ----------
    frequency, duration, regularity, reciprocity : float
        Weights, at least 0, not all 0; only their ratios matter.
    half_events, half_duration_s, half_regularity : float
        Where each of them is 0.5; above 0. By default ten events, ten minutes, once a week.
    half_life_days : float
        After so long without an event a tie counts half; above 0.
    """

    frequency: float = 0.35
    duration: float = 0.25
    regularity: float = 0.25
    reciprocity: float = 0.15
    half_events: float = 10.0
    half_duration_s: float = 600.0
    half_regularity: float = 1 / 7
    half_life_days: float = 60.0


def reversed_ties(ties: Projection) -> Ints:
    """Return for each tie which one is its reverse; -1: there is none.

    Examples
    --------
    >>> pair = np.array([0, 1, 1], np.int32), np.array([1, 0, 1], np.int32)
    >>> reversed_ties(Projection(np.array(["ann", "bob"]), "1", *pair, {})).tolist()
    [1, 0, 2]
    """
    people = max(1, len(ties))
    code = ties.caller.astype(np.int64) * people + ties.callee
    reverse = ties.callee.astype(np.int64) * people + ties.caller
    order = np.argsort(reverse, kind="stable")  # in order, searching is many times quicker
    at = np.empty(len(code), np.int64)
    at[order] = np.searchsorted(code, reverse[order])
    inside = np.minimum(at, len(code) - 1)
    return np.where(code[inside] == reverse, inside, -1) if len(code) else at


def reciprocity(ties: Projection) -> Floats:
    """Return the fewer events of a tie and its reverse by the more, from 0 to 1."""
    events = (ties.columns["calls"] + ties.columns["messages"]).astype(np.float64)
    reverse = reversed_ties(ties)
    back = np.where(reverse >= 0, events[reverse] if len(events) else events, 0.0)
    share: Floats = np.minimum(events, back) / np.maximum(np.maximum(events, back), 1.0)
    return share


@dataclass(frozen=True, eq=False)
class Parts:
    """What the strength of each directed tie is made of, and the strength; each from 0 to 1."""

    frequency: Floats
    duration: Floats
    regularity: Floats
    reciprocity: Floats
    recency: Floats
    strength: Floats


def parts(
    ties: Projection, weights: StrengthWeights | None = None, until_us: int | None = None
) -> Parts:
    """Return the strength of each directed tie, above 0 up to 1, with what it is made of.

    Parameters
    ----------
    until_us : int, optional
        End of what is looked at, in microseconds since 1970; unset: the last event of all.
    """
    by = weights or StrengthWeights()
    until = ties.last_at_us if until_us is None else until_us
    columns = ties.columns
    events = (columns["calls"] + columns["messages"]).astype(np.float64)
    talked_s = columns["duration_s"].astype(np.float64)
    known_days = np.maximum((until - columns["first_at"]) / _DAY_US, 1.0)
    often = np.minimum(columns["active_days"] / known_days, 1.0)
    frequency, duration = (
        events / (events + by.half_events),
        talked_s / (talked_s + by.half_duration_s),
    )
    regularity, mutual = often / (often + by.half_regularity), reciprocity(ties)
    silent_days = np.maximum((until - columns["last_at"]) / _DAY_US, 0.0)
    recency = np.exp2(-silent_days / by.half_life_days)
    told = [
        (by.frequency, frequency),
        (by.duration, duration),
        (by.regularity, regularity),
        (by.reciprocity, mutual),
    ]
    mean = sum(weight * part for weight, part in told) / sum(weight for weight, _ in told)
    strength = np.asarray(mean * recency, np.float64)
    return Parts(frequency, duration, regularity, mutual, recency, strength)


def strengths(
    ties: Projection, weights: StrengthWeights | None = None, until_us: int | None = None
) -> Floats:
    """Return the strength of each directed tie; ``parts`` says of what it is made."""
    return parts(ties, weights, until_us).strength


def with_strength(ties: Projection, weights: StrengthWeights | None = None) -> Projection:
    """Return the ties with their ``strength`` and ``reciprocity``."""
    told = {"strength": strengths(ties, weights), "reciprocity": reciprocity(ties)}
    return replace(ties, columns={**ties.columns, **told})
