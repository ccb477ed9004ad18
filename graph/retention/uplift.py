"""What a campaign changed: those who were called against a control group who were not.

Whoever is in a campaign was drawn into one of the two groups by chance, so that nothing but the
call tells them apart in the mean.
"""

from dataclasses import dataclass
from hashlib import sha256
from math import sqrt

import numpy as np
import numpy.typing as npt

from graph.errors import BadInput
from graph.influence.maximisation.reverse import Flags
from graph.projection import Floats

_NORMAL_95 = 1.959964


def controls(campaign: str, keys: list[str], share: float) -> set[str]:
    """Return who of a campaign is not called: the same ones whenever one asks.

    Parameters
    ----------
    campaign : str
        Key of the campaign; another draws others.
    share : float
        Part of the keys, in [0, 1], rounded to a whole number of them.

    Raises
    ------
    BadInput
        The share is out of its range.

    Examples
    --------
    >>> sorted(controls("spring", ["ann", "bob", "cem", "dwi"], 0.5))
    ['ann', 'bob']
    """
    if not 0 <= share <= 1:
        raise BadInput("the share of the control group is not between 0 and 1")
    drawn = sorted(set(keys), key=lambda key: sha256(f"{campaign} {key}".encode()).digest())
    return set(drawn[: round(share * len(drawn))])


@dataclass(frozen=True)
class Uplift:
    """How much more often those who were called stay.

    Attributes
    ----------
    called, control : float
        Part of each group that stayed, in [0, 1].
    uplift : float
        Their difference, in [-1, 1].
    low, high : float
        Its 95 % interval (Newcombe, Statistics in Medicine 17, 1998, method 10).
    """

    called: float
    control: float
    uplift: float
    low: float
    high: float


def uplift(is_called: Flags, stayed: Flags) -> Uplift:
    """Compare the groups.

    Raises
    ------
    BadInput
        One of the groups has nobody whose outcome is known.
    """
    _both_groups(is_called)
    first, second = stayed[is_called], stayed[~is_called]
    called, control = float(first.mean()), float(second.mean())
    low_called, high_called = _wilson(called, len(first))
    low_control, high_control = _wilson(control, len(second))
    difference = called - control
    return Uplift(
        called,
        control,
        difference,
        difference - sqrt((called - low_called) ** 2 + (high_control - control) ** 2),
        difference + sqrt((high_called - called) ** 2 + (control - low_control) ** 2),
    )


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    square = _NORMAL_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = sqrt(share * (1 - share) / count + square / (4 * count**2)) * _NORMAL_95
    half /= 1 + square / count
    return middle - half, middle + half


@dataclass(frozen=True, eq=False)
class Qini:
    """How many more stay if only those with the highest scores are called.

    Attributes
    ----------
    counts : array of int64
        How many have the highest scores: 0, and wherever a score ends.
    more : array
        How many more of those who were called among them stayed than would have without a call
        (Radcliffe 2007): treated who stay less controls who stay, scaled to as many.
    coefficient : float
        The area between that curve and the straight line to its end, by their number squared; 0
        where scores tell nothing, below 0 where they mislead.
    """

    counts: npt.NDArray[np.int64]
    more: Floats
    coefficient: float


def qini(scores: Floats, is_called: Flags, stayed: Flags) -> Qini:
    """Judge scores by a campaign: whether calling is of more use where they are higher.

    Raises
    ------
    BadInput
        One of the groups has nobody whose outcome is known.
    """
    _both_groups(is_called)
    counts, called, controls_, stayed_called, stayed_controls = _tops(scores, is_called, stayed)
    scale = np.divide(called, controls_, out=np.zeros(len(called)), where=controls_ > 0)
    more = stayed_called - stayed_controls * scale
    area = float(np.trapezoid(more, counts) - more[-1] * counts[-1] / 2)
    return Qini(counts.astype(np.int64), more, area / float(counts[-1]) ** 2)


@dataclass(frozen=True)
class Profit:
    """The most that calling those with the highest scores earns, by subscriber.

    Attributes
    ----------
    profit : float
        In the unit of the value; 0 where it is best to call nobody.
    share : float
        The part of all, in [0, 1], with the highest scores, to be called.
    """

    profit: float
    share: float


def maximum_profit_uplift(
    scores: Floats,
    is_called: Flags,
    stayed: Flags,
    *,
    value: float,
    incentive: float = 0.0,
    contact: float = 0.0,
) -> Profit:
    """Return the maximum profit of uplift, after Devriendt and Verbeke (2018).

    Of the share t with the highest scores, s1 of those who were called and s0 of the control group
    stayed. Calling them earns ``t (value (s1 - s0) - incentive s1 - contact)`` by subscriber:
    everybody who is called costs a contact, and everybody who is called and stays takes the
    incentive, those too who would have stayed without.

    Parameters
    ----------
    value, incentive, contact : float
        What one who stays is worth, what they are given for it, and what a call costs.

    Raises
    ------
    BadInput
        One of the groups has nobody whose outcome is known.
    """
    _both_groups(is_called)
    counts, called, controls_, stayed_called, stayed_controls = _tops(scores, is_called, stayed)
    has_both = (called > 0) & (controls_ > 0)
    with_call, without = (
        np.divide(part, whole, out=np.zeros(len(whole)), where=has_both)
        for part, whole in ((stayed_called, called), (stayed_controls, controls_))
    )
    share = counts / counts[-1]
    earned = share * (value * (with_call - without) - incentive * with_call - contact) * has_both
    best = int(np.argmax(earned))
    return Profit(float(earned[best]), float(share[best]))


def _tops(scores: Floats, is_called: Flags, stayed: Flags) -> tuple[Floats, ...]:
    """Count, of those with the highest scores: all, groups, and who of each stayed."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)) + 1
    at = np.concatenate([[0], ends])
    counted = (is_called, ~is_called, is_called & stayed, ~is_called & stayed)
    sums = (np.concatenate([[0.0], np.cumsum(flags[order])])[at] for flags in counted)
    return (at.astype(np.float64), *sums)


def _both_groups(is_called: Flags) -> None:
    if not len(is_called) or is_called.all() or not is_called.any():
        raise BadInput("a comparison needs outcomes both of who was called and of who was not")
