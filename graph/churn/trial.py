"""A model of churn learned from the past, and judged on a later time that it has not seen.

::

    learned from      leaving within [t, t + h) for t = D - 3h, D - 4h, ... by what was known at t
    calibrated on     the same at t = D - 2h
    judged on         the same at t = D - h
    scores            everybody at t = D, the end of what is known

with the horizon h. No later day has a say in any of these but in what came true.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from graph.churn.evaluation import Evaluation, Measured, auc_gain, evaluate
from graph.churn.features import columns_of, features_of
from graph.churn.model import Model, learned
from graph.churn.records import Flags, Floats, Records
from graph.churn.relational import LinkBased, classes, link_counts, vote
from graph.contagion.contagion import Contagion, contagion
from graph.errors import BadInput

HORIZON_DAYS = 7
_LEAST_DAYS = 4
_REMEMBERED_DAYS = (1, 3, 7)


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of it.

    Attributes
    ----------
    horizon_days : int
        Within how many days one leaves, or for how many one is silent.
    cut : int
        The day from which on it was judged.
    model, plain : Model
        With all features, and without those of the network.
    with_network, without_network, by_silence : Evaluation
        How well each told who would leave, and how well does who has been silent for longest.
    by_vote, by_links : Evaluation
        How well do the classifiers of ``graph.churn.relational``, wvRN and nLB.
    gain : Measured
        By how much the area under the ROC curve is greater with the network than without.
    """

    horizon_days: int
    cut: int
    model: Model
    plain: Model
    with_network: Evaluation
    without_network: Evaluation
    by_silence: Evaluation
    by_vote: Evaluation
    by_links: Evaluation
    gain: Measured


def horizon_of(days: int) -> int:
    """Return the horizon for so many days of records: a week, or a quarter of less than four.

    Raises
    ------
    BadInput
        There are fewer than four days.
    """
    if days < _LEAST_DAYS:
        raise BadInput(f"churn needs records of at least {_LEAST_DAYS} days, and there are {days}")
    return min(HORIZON_DAYS, days // 4)


def tried(records: Records, horizon_days: int | None = None) -> Trial:
    """Learn, calibrate and judge a model.

    Raises
    ------
    BadInput
        There are too few days, or too few left or stayed in one of the times.
    """
    horizon = horizon_days or horizon_of(records.days)
    last = records.days - horizon
    firsts = range(last - 2 * horizon, horizon - 1, -horizon)
    if not firsts:
        raise BadInput(f"{records.days} days are too few for a horizon of {horizon}")
    frames = [_frame(records, cut, horizon) for cut in firsts]
    values = np.concatenate([each[0] for each in frames])
    leaves = np.concatenate([each[1] for each in frames])
    seen = _frame(records, last - horizon, horizon)
    model, plain = (
        learned(values, leaves, columns).calibrated(*seen)
        for columns in (columns_of(), columns_of(("network",)))
    )
    judged, left = _frame(records, last, horizon)
    with_network, without = model.risk(judged), plain.risk(judged)
    silence = _silence(records, last, horizon)
    return Trial(
        horizon, last, model, plain,
        evaluate(left, with_network), evaluate(left, without), evaluate(left, silence),
        evaluate(left, _votes(records, last, horizon)),
        evaluate(left, _by_links(records, last, horizon)),
        auc_gain(left, with_network, without),
    )  # fmt: skip


def _frame(records: Records, cut: int, horizon: int) -> tuple[Floats, Flags]:
    """Return what was known of those who could leave on a day, and who did."""
    there = records.is_there(cut, horizon)
    return features_of(records, cut, horizon)[there], _leaves(records, cut, horizon)


def _leaves(records: Records, cut: int, horizon: int) -> Flags:
    """Return who of those who could leave on a day did."""
    return records.leaves(cut, horizon)[records.is_there(cut, horizon)]


def _silence(records: Records, cut: int, horizon: int) -> Floats:
    """Return for how long each has been silent; who never said anything, for longest."""
    last = records.last_d(cut)[records.is_there(cut, horizon)]
    return cut - np.where(np.isfinite(last), last, -1.0)


def _votes(records: Records, cut: int, horizon: int) -> Floats:
    """Return what the contacts of those who could leave vote for."""
    voted = vote(records.contacts(cut), classes(records, cut, horizon))
    return voted[records.is_there(cut, horizon)]


def _by_links(records: Records, cut: int, horizon: int) -> Floats:
    """Return the risk by links alone, learned from the horizon before."""
    before = cut - horizon
    learned_from = _links(records, before, horizon), _leaves(records, before, horizon)
    return LinkBased.learned(*learned_from).risk(_links(records, cut, horizon))


def _links(records: Records, cut: int, horizon: int) -> Floats:
    counts = link_counts(records.contacts(cut), classes(records, cut, horizon))
    return counts[records.is_there(cut, horizon)]


def contagion_in(records: Records, horizon_days: int) -> Contagion | None:
    """Return how much of the leaving is contagion; None where too few left to tell.

    Who live through the same bad days are not taken for contagious, where experience is known.
    Silence tells nothing of it: of two who talk to each other alone, both fall silent at once.
    """
    if records.definition == "silence":
        return None
    known = records.history(records.days, horizon_days)
    try:
        return contagion(replace(known, circumstances=_circumstances(records)))
    except BadInput:
        return None


def _circumstances(records: Records) -> Callable[[int], Floats]:
    """Return how bad each one's experience was over some last days; the usual, where unknown."""
    people = len(records)

    def seen(today: int) -> Floats:
        columns = []
        for days in _REMEMBERED_DAYS:
            span = (max(0, today - days), today, people)
            weight = records.count("experience_weight").between(*span)
            short = weight - records.count("experience_score").between(*span)
            usual = short.sum() / max(weight.sum(), 1e-9)
            columns.append(np.where(weight > 0, short / np.maximum(weight, 1e-9), usual))
        return np.column_stack(columns)

    return seen
