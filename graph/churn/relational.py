"""Classifiers that know nothing of people but whom they know and which of those left.

Both are of [1]_, in the form that churn needs: everybody's class is whether they have left yet, and
scored is who has not. A number that the operator does not know has no class.

References
----------
.. [1] S. Macskassy, F. Provost, "Classification in networked data: a toolkit and a univariate case
   study", Journal of Machine Learning Research 8, 2007, pp. 935-983.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from graph.churn.records import Flags, Floats, Matrix, Records

# Relaxation labelling, with the constants of [1]: how often, and how fast estimates settle.
_ROUNDS = 99
_SETTLING = 0.99


def classes(records: Records, cut: int, horizon_days: int) -> Floats:
    """Return who had left before a day (1), who had not (0), and who is not known (NaN)."""
    left = ~np.isnan(records.left_d(cut, horizon_days))
    return np.where(left, 1.0, np.where(records.is_known, 0.0, np.nan))


def vote(ties: Matrix, known: Floats) -> Floats:
    """Return the weighted-vote relational neighbour's estimate (wvRN) of each.

    It is the mean of the neighbours' classes by the weight of the ties. Of those whose class is not
    known it is estimated in the same way, by relaxation labelling, from the share of all known.

    Parameters
    ----------
    ties : csr_array
        Symmetric weights, at least 0; nobody has one with themselves.
    known : array
        Classes, 0 or 1; NaN: not known.
    """
    is_known = ~np.isnan(known)
    prior = float(known[is_known].mean()) if is_known.any() else 0.0
    total = ties.sum(axis=1)
    inverse = np.divide(1.0, total, out=np.zeros(len(known)), where=total > 0)
    shares = sparse.diags_array(inverse) @ ties
    estimate, pace = np.where(is_known, known, prior), 1.0
    if not is_known.all():
        for _ in range(_ROUNDS):
            voted = np.where(total > 0, shares @ estimate, prior)
            estimate = np.where(is_known, known, pace * voted + (1 - pace) * estimate)
            pace *= _SETTLING
    found: Floats = np.where(total > 0, shares @ estimate, prior)
    return found


def link_counts(ties: Matrix, known: Floats) -> Floats:
    """Return of each how much of ties is with those who left, and with those who did not."""
    columns = np.column_stack([np.nan_to_num(known), np.nan_to_num(1 - known)])
    counts: Floats = ties @ columns
    return counts


@dataclass(frozen=True, eq=False)
class LinkBased:
    """Network-only link-based classification (nLB): a logistic regression on ``link_counts``.

    They are looked at as logarithms of one more, as some have a thousand times as many as others.
    """

    regression: LogisticRegression

    @classmethod
    def learned(cls, counts: Floats, leaves: Flags) -> "LinkBased":
        """Learn from counts, and from who left afterwards."""
        return cls(LogisticRegression().fit(np.log1p(counts), leaves))

    def risk(self, counts: Floats) -> Floats:
        """Return the probability of leaving of each."""
        found: Floats = self.regression.predict_proba(np.log1p(counts))[:, 1]
        return found
