"""Who likes what, told from shares of use: more than is usual, and not by chance.

Evidence of an interest is use that tells of it, in sessions, halved for every half-life that has
passed since. Somebody's share of evidence is compared with everybody's. Small samples tell little:
as many sessions as ``PRIOR_SESSIONS`` of usual use are added to everybody's (a beta prior around
the usual share, as in empirical Bayes). With shares θ of somebody and q of everybody,

    score = θ / (θ + q)        0.5: as usual; 0.75: three times the usual
    confidence = P(θ > q)      by the beta distribution of θ
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 30.0
PRIOR_SESSIONS = 10.0
LEAST_CONFIDENCE = 0.9
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Liked:
    """Who likes what, in arrays of one length.

    Attributes
    ----------
    row : Ints
        Which of the rows that were given it is.
    score : Floats
        Above 0.5, below 1.
    confidence : Floats
        From ``LEAST_CONFIDENCE`` to 1.
    """

    row: Ints
    score: Floats
    confidence: Floats


def decayed(sessions: Floats, first_day: Floats, last_day: Floats, now_day: float) -> Floats:
    """Return what sessions still tell, as if they were spread evenly from the first to the last.

    Parameters
    ----------
    first_day, last_day : Floats
        In days from any origin, not after ``now_day``.

    Examples
    --------
    >>> decayed(np.array([8.0, 8.0]), np.array([0.0, 30.0]), np.array([0.0, 30.0]), 60.0).tolist()
    [2.0, 4.0]
    """
    rate = np.log(2) / HALF_LIFE_DAYS
    newest, oldest = np.exp(rate * (last_day - now_day)), np.exp(rate * (first_day - now_day))
    spread = rate * (last_day - first_day)
    is_spread = spread > 1e-9
    mean = np.where(is_spread, (newest - oldest) / np.where(is_spread, spread, 1.0), newest)
    return np.asarray(sessions * mean, np.float64)


def liked(person: Ints, interest: Ints, evidence: Floats) -> Liked:
    """Return who likes what.

    Parameters
    ----------
    person, interest : Ints
        Numbers from 0; each pair of them stands once.
    evidence : Floats
        What tells of it, in sessions; above 0.
    """
    of_person = np.bincount(person, evidence)
    usual = np.bincount(interest, evidence) / max(float(evidence.sum()), 1e-300)
    share = usual[interest]
    above = evidence + PRIOR_SESSIONS * share
    below = of_person[person] - evidence + PRIOR_SESSIONS * (1 - share)
    theta = above / (above + below)
    score = theta / (theta + share)
    # Where there is one interest alone, nobody has more of it than is usual.
    is_one_of_several = share < 1
    confidence = np.zeros_like(evidence)
    confidence[is_one_of_several] = betainc(
        below[is_one_of_several], above[is_one_of_several], 1 - share[is_one_of_several]
    )
    is_more = theta > share * (1 + _ROUNDING)
    row = np.flatnonzero(is_more & (confidence >= LEAST_CONFIDENCE))
    return Liked(row, score[row], confidence[row])
