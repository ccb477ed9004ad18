"""The smallest set of entities that explains what is wrong in a window.

A scan [1]_ with the normal likelihood [2]_: of all entities of all kinds whose shortfall is
significant, that one is taken whose shift explains most. Its samples are put aside, everything is
measured anew without them, and so on until nothing is left to be explained [3]_. Of a site whose
cells all fell the site explains most; of one cell that fell, the cell does. What is as good as the
same set of samples goes to the finer kind.

References
----------
.. [1] M. Kulldorff, "A spatial scan statistic", Commun. Stat. Theory Methods 26, 1481 (1997),
   doi:10.1080/03610929708831995.
.. [2] M. Kulldorff, L. Huang, K. Konty, "A scan statistic for continuous data based on the normal
   probability model", Int. J. Health Geogr. 8, 58 (2009), doi:10.1186/1476-072X-8-58.
.. [3] Z. Zhang, R. Assunção, M. Kulldorff, "Spatial scan statistics adjusted for multiple
   clusters", J. Probab. Stat. 2010, 642379, doi:10.1155/2010/642379.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from graph.problem.sums import Floats, Ints, Kind, Mask, Sums, quotient
from graph.problem.tail import upper_tail


@dataclass(frozen=True)
class Sensitivity:
    """When a shortfall is a finding.

    Attributes
    ----------
    certain_z : float
        Normal deviate from which one window is enough.
    doubtful_z : float
        Normal deviate from which two windows in a row are.
    least_fall : float
        In points of the score: less is nobody's problem, however certain.
    least_samples : int
        Of an entity in a window; fewer are not looked at.
    most_windows : int
        How far back the past of an entity goes.
    """

    certain_z: float = 5.0
    doubtful_z: float = 3.7
    least_fall: float = 2.0
    least_samples: int = 10
    most_windows: int = 28

    def is_certain(self, kind: Kind, target: str, z: float, suspects: "Suspects") -> bool:
        """Tell whether a shortfall stands by itself, or by the window before."""
        return z >= self.certain_z or (kind, target) in suspects


@dataclass(frozen=True)
class Measured:
    """All entities of a kind, in a window.

    Attributes
    ----------
    n : Floats
        Samples.
    fall : Floats
        Mean shortfall, in points; below 0: better than expected.
    variance : Floats
        Of that mean, from sampling alone.
    z : Floats
        The shortfall in standard deviations, as ``Finding.z``; 0 where it is not looked at.
    """

    n: Floats
    fall: Floats
    variance: Floats
    z: Floats


@dataclass(frozen=True)
class Finding:
    """An entity that falls short in one window, and by how much.

    Attributes
    ----------
    window : int
        Days since 1970, UTC.
    samples : int
        Its samples, without those that other findings explain.
    fall : float
        Mean shortfall of its samples, in points of the score.
    z : float
        The shortfall in standard deviations: of sampling, and of what healthy ones stray.
    looked_at : int
        How many entities were looked at in the window.
    is_certain : bool
        Whether it stands by itself, or by the window before; else it only awaits the next.
    rows : Ints
        Its rows among the window's.
    """

    window: int
    kind: Kind
    target: str
    samples: int
    fall: float
    z: float
    looked_at: int
    is_certain: bool
    rows: Ints = field(repr=False, compare=False)

    @property
    def chance(self) -> float:
        """How likely any of those looked at falls so short by chance (Bonferroni), in [0, 1]."""
        return min(1.0, self.looked_at * upper_tail(self.z))


_CLEARLY_MORE = 1.05  # a wider kind of entity must explain so much more than a finer one
Measure = Callable[[Mask], Mapping[Kind, Measured]]
Suspects = frozenset[tuple[Kind, str]]


def position(
    window: int, sums: Sums, measure: Measure, how: Sensitivity, suspects: Suspects
) -> tuple[list[Finding], Mask]:
    """Return what explains a window, the most telling first, and which rows are left.

    Parameters
    ----------
    measure
        Measures all entities by the rows that are kept.
    suspects
        Findings of the window before.
    """
    kept, findings = np.ones(len(sums), bool), list[Finding]()
    while True:
        measured = measure(kept)
        best = _best(measured, how)
        if best is None:
            return findings, kept
        kind, number = best
        rows = np.flatnonzero(kept & (sums.codes[kind] == number))
        findings.append(_finding(window, sums, measured, best, rows, how, suspects))
        kept[rows] = False


def _best(measured: Mapping[Kind, Measured], how: Sensitivity) -> tuple[Kind, int] | None:
    best: Kind | None = None
    number, most = 0, 0.0
    for kind, found in measured.items():  # the finer kinds first
        is_found = (found.z >= how.doubtful_z) & (found.fall >= how.least_fall)
        if is_found.any():
            gain = np.where(is_found, quotient(found.fall**2, found.variance), 0.0)
            if gain.max() > _CLEARLY_MORE * most:
                best, number, most = kind, int(np.argmax(gain)), float(gain.max())
    return (best, number) if best else None


def _finding(
    window: int, sums: Sums, measured: Mapping[Kind, Measured], best: tuple[Kind, int],
    rows: Ints, how: Sensitivity, suspects: Suspects,
) -> Finding:  # fmt: skip
    kind, number = best
    found, target = measured[kind], sums.names[kind][number]
    looked_at = sum(int((one.n >= how.least_samples).sum()) for one in measured.values())
    z = float(found.z[number])
    is_certain = how.is_certain(kind, target, z, suspects)
    samples, fall = int(found.n[number]), float(found.fall[number])
    return Finding(window, kind, target, samples, fall, z, looked_at, is_certain, rows)
