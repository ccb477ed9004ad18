"""What a subscriber does with whom: the indicators that need no places, by segment."""

from collections.abc import Mapping

import numpy as np

from graph.behaviour.arrays import (
    Floats,
    Ints,
    Mask,
    Summary,
    covering,
    entropy,
    ratio,
    totals,
)
from graph.behaviour.events import SECOND_US, Periods

Scalars = Mapping[str, Floats]
Distributions = Mapping[str, Summary]

_CONVERSATION_GAP_US = 3_600 * SECOND_US


def interactions(periods: Periods, chosen: Mask) -> Scalars:
    """Return how often, on how many days, and how much of it at night and started by oneself."""
    events, size = periods.events, periods.size
    segment = periods.segment[chosen]
    total = totals(segment, size)
    outgoing = totals(segment, size, events.is_outgoing[chosen])
    at_night = totals(segment, size, periods.is_night[chosen])
    code, owner = periods.active_day
    is_active = np.zeros(len(owner), np.bool_)
    is_active[code[chosen]] = True
    return {
        "active_days": totals(owner[is_active], size),
        "number_of_interactions": total,
        "number_of_interactions_in": total - outgoing,
        "number_of_interactions_out": outgoing,
        "percent_nocturnal": ratio(at_night, total),
        "percent_initiated_interactions": ratio(outgoing, total),
    }


def contacts(periods: Periods, chosen: Mask) -> tuple[Scalars, Distributions]:
    """Return with how many others, and how evenly the events spread over them."""
    events, size = periods.events, periods.size
    code, owner = periods.tie
    tie = code[chosen]
    number = totals(tie, len(owner))
    is_there = number > 0
    outgoing = totals(tie, len(owner), events.is_outgoing[chosen])[is_there]
    number, owner = number[is_there], owner[is_there]
    known, total = totals(owner, size), totals(owner, size, number)
    balance = Summary(outgoing.astype(np.int64), owner, size, total)
    number_each = Summary(number.astype(np.int64), owner, size)
    return {
        "number_of_contacts": known,
        "entropy_of_contacts": entropy(number, owner, size),
        "percent_pareto_interactions": ratio(covering(number, owner, size), known),
    }, {"balance_of_contacts": balance, "interactions_per_contact": number_each}


def spoken(periods: Periods, chosen: Mask) -> Scalars:
    """Return over how few of those who were called the talking time spreads."""
    events, size = periods.events, periods.size
    is_call = chosen & events.is_call
    code, owner = periods.tie
    tie = code[is_call]
    is_there = np.bincount(tie, minlength=len(owner)) > 0
    duration_s = totals(tie, len(owner), np.maximum(events.duration_s[is_call], 0))[is_there]
    owner = owner[is_there]
    called = totals(owner, size)
    return {"percent_pareto_durations": ratio(covering(duration_s, owner, size), called)}


def times(periods: Periods, chosen: Mask) -> Distributions:
    """Return how long calls lasted, and how long it was from one event to the next."""
    events, size = periods.events, periods.size
    has_duration = chosen & events.is_call & (events.duration_s >= 0)
    segment, at_us = periods.segment[chosen], events.at_us[chosen]
    is_next = segment[1:] == segment[:-1]
    gap_us = np.abs(at_us[1:] - at_us[:-1])[is_next]
    durations_s = events.duration_s[has_duration]
    return {
        "interevent_time_s": Summary(gap_us, segment[1:][is_next], size, float(SECOND_US)),
        "call_duration_s": Summary(durations_s, periods.segment[has_duration], size),
    }


def conversations(periods: Periods, chosen: Mask) -> tuple[Scalars, Distributions]:
    """Return what texts in a row tell; a call, or an hour of silence, ends a conversation."""
    events, size = periods.events, periods.size
    order = periods.in_ties[chosen[periods.in_ties]]
    tie, at_us, is_text = periods.tie[0][order], events.at_us[order], ~events.is_call[order]
    is_outgoing, segment = events.is_outgoing[order], periods.segment[order]
    gap_us = np.diff(at_us)
    goes_on = np.zeros(len(order), np.bool_)
    goes_on[1:] = (tie[1:] == tie[:-1]) & (gap_us < _CONVERSATION_GAP_US)
    goes_on[1:] &= is_text[1:] & is_text[:-1]
    is_reply = goes_on[1:] & is_outgoing[1:] & ~is_outgoing[:-1] & (gap_us > 0)
    delay = Summary(gap_us[is_reply], segment[1:][is_reply], size, float(SECOND_US))
    rates = _rates(segment, is_text, is_outgoing, goes_on, size)
    return rates, {"response_delay_text_s": delay}


def _rates(segment: Ints, is_text: Mask, is_outgoing: Mask, goes_on: Mask, size: int) -> Scalars:
    begins = is_text & ~goes_on
    conversation = np.cumsum(begins) - 1
    owner, is_ours = segment[begins], is_outgoing[begins]
    is_answered = np.zeros(len(owner), np.bool_)
    is_answered[conversation[is_text & is_outgoing]] = True
    received = totals(owner, size, ~is_ours)
    initiated = ratio(totals(owner, size, is_ours), totals(owner, size))
    return {
        "response_rate_text": ratio(totals(owner, size, ~is_ours & is_answered), received),
        "percent_initiated_conversations": np.nan_to_num(initiated),
    }
