"""Services and the whole network, which have no peers: each is compared with its own past."""

from collections.abc import Sequence

import numpy as np

from graph.problem.position import Finding, Sensitivity, Suspects
from graph.problem.sums import UNKNOWN, Floats, Ints, Kind, Mask, Sums, added, quotient

LEAST_PAST = 5  # windows, before which a level is not known well enough
_MAD_TO_DEVIATION = 1.4826  # of normal values
_SHARE_OF_NETWORK = 0.5  # of all samples: services that fell and have more of them are the network


class Levels:
    """What services usually score, beside what the mix of technologies explains."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._past = np.full((0, len(self._names)), np.nan)

    def find(
        self, window: int, sums: Sums, kept: Mask, past: Floats, variance: Floats,
        how: Sensitivity, suspects: Suspects,
    ) -> list[Finding]:  # fmt: skip
        """Return the services that fell in a window, or the network when most did.

        Parameters
        ----------
        kept
            Rows that no entity explains.
        past
            What each stratum used to score, in points; NaN: not known.
        variance
            Of one sample of each row.
        """
        kept = kept & ~np.isnan(past[sums.stratum])
        size = len(self._names)
        codes = np.where(kept, sums.codes["service"], UNKNOWN)
        n = added(codes, size, sums.n)
        above = added(codes, size, np.where(kept, sums.score - sums.n * past[sums.stratum], 0.0))
        level = np.where(n >= how.least_samples, quotient(above, n), np.nan)
        fall, z = self._compared(level, quotient(added(codes, size, sums.n * variance), n**2))
        is_ill = (z >= how.doubtful_z) & (fall >= how.least_fall)
        self._past = np.vstack([self._past, np.where(is_ill, np.nan, level)])[-how.most_windows :]
        if n[is_ill].sum() > _SHARE_OF_NETWORK * n.sum():
            return [_network(window, codes, is_ill, n, fall, z, how, suspects)]
        return [
            _finding(
                window, "service", self._names[number], int(n[number]), float(fall[number]),
                float(z[number]), size, np.flatnonzero(codes == number), how, suspects,
            )
            for number in np.flatnonzero(is_ill).tolist()
        ]  # fmt: skip

    def _compared(self, level: Floats, variance: Floats) -> tuple[Floats, Floats]:
        size = len(level)
        known = (~np.isnan(self._past)).sum(axis=0) >= LEAST_PAST
        fall, z = np.zeros(size), np.zeros(size)
        is_told = known & ~np.isnan(level)
        if not is_told.any():
            return fall, z
        past = self._past[:, is_told]
        usual = np.nanmedian(past, axis=0)
        deviation = _MAD_TO_DEVIATION * np.nanmedian(np.abs(past - usual), axis=0)
        fall[is_told] = usual - level[is_told]
        z[is_told] = fall[is_told] / np.sqrt(deviation**2 + variance[is_told])
        return fall, z


def _network(
    window: int, codes: Ints, is_ill: Mask, n: Floats, fall: Floats, z: Floats,
    how: Sensitivity, suspects: Suspects,
) -> Finding:  # fmt: skip
    rows = np.flatnonzero((codes != UNKNOWN) & is_ill[codes])
    mean = float(np.average(fall[is_ill], weights=n[is_ill]))
    worst = float(z[is_ill].max())
    samples = int(n[is_ill].sum())
    return _finding(window, "network", "all", samples, mean, worst, len(n), rows, how, suspects)


def _finding(
    window: int, kind: Kind, target: str, samples: int, fall: float, z: float, looked_at: int,
    rows: Ints, how: Sensitivity, suspects: Suspects,
) -> Finding:  # fmt: skip
    is_certain = how.is_certain(kind, target, z, suspects)
    return Finding(window, kind, target, samples, fall, z, looked_at, is_certain, rows)
