"""What each entity is usually like, and how far healthy ones stray from that.

Every entity has an offset from what its samples' service and technology let expect. Before it has
a past, the offset is 0, give or take what its peers stray in the same window; each healthy window
then says more about it, and the offset moves from the peers to its own past: the normal-normal
shrinkage of Efron and Morris (1975), with medians in place of means.

References
----------
.. [1] B. Efron, C. Morris, "Data analysis using Stein's estimator and its generalizations",
   JASA 70, 311 (1975), doi:10.1080/01621459.1975.10479864.
.. [2] R. C. Paule, J. Mandel, "Consensus values and weighting factors", J. Res. NBS 87, 377 (1982),
   doi:10.6028/jres.087.022.
"""

import numpy as np

from graph.problem.sums import Floats

_CHI_SQUARE_MEDIAN = 0.454936  # of one degree of freedom
_MEDIAN_COST = np.pi / 2  # variance of a median, relative to that of the mean of normal values
_STEPS = 60
PEERS = 8  # fewer cannot tell how far healthy ones stray


def excess_variance(errors: Floats, variances: Floats) -> float:
    """Return by how much entities stray more than their samples' variances explain.

    The estimating equation of Paule and Mandel [2]_ with the median in place of the sum, so that
    nearly half of the entities may be ill: ``median(e^2 / (v + x)) = median of chi-square_1``.

    Parameters
    ----------
    errors : Floats
        How far each healthy one would be from 0 by chance alone.
    variances : Floats
        What that chance amounts to, each above 0.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> round(excess_variance(rng.normal(0, 5, 20_000), np.full(20_000, 9.0)), 1)
    15.7
    >>> excess_variance(rng.normal(0, 1, 100), np.full(100, 9.0))
    0.0
    """
    if len(errors) == 0:
        return 0.0
    squares = errors**2

    def is_too_small(excess: float) -> bool:
        return float(np.median(squares / (variances + excess))) > _CHI_SQUARE_MEDIAN

    low, high = 0.0, float(np.max(squares)) / _CHI_SQUARE_MEDIAN + 1e-9
    if not is_too_small(0.0):
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_too_small(middle) else (low, middle)
    return high


class Baseline:
    """The past of all entities of a kind.

    Attributes
    ----------
    offset : Floats
        What each entity's mean score is usually above what is expected, in points.
    doubt : Floats
        Variance of that knowledge.
    """

    def __init__(self, size: int, most_windows: int) -> None:
        self._most = most_windows
        self._means = np.full((0, size), np.nan)
        self._variances = np.full((0, size), np.nan)
        self.offset = np.zeros(size)
        self.doubt = np.zeros(size)

    @property
    def windows(self) -> int:
        """How many windows it knows of."""
        return len(self._means)

    def learn(self, means: Floats, variances: Floats, stray: float) -> None:
        """Add a window.

        Parameters
        ----------
        means : Floats
            Mean excess over what was expected, in points; NaN: too few samples, or ill.
        variances : Floats
            Their variances from sampling.
        stray : float
            Variance with which healthy ones stray from window to window.
        """
        self._means = np.vstack([self._means, means])[-self._most :]
        self._variances = np.vstack([self._variances, variances + stray])[-self._most :]
        known = ~np.isnan(self._means)
        count = known.sum(axis=0)
        has = count > 0
        median, variance = np.zeros(len(has)), np.ones(len(has))
        median[has] = np.nanmedian(self._means[:, has], axis=0)
        typical = np.nanmean(self._variances[:, has], axis=0)
        variance[has] = typical / count[has] * np.where(count[has] > 2, _MEDIAN_COST, 1.0)
        between = excess_variance(median[has], variance[has])
        share = np.where(has, between / (between + variance), 0.0)
        self.offset = share * median
        self.doubt = np.where(has, share * variance, between)
