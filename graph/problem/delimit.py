"""Which domain is at fault, and the numbers that say so.

Where the loss concentrates tells most: one model of device in all cells, one app in all cells, one
cell for all apps. A site that fell as a whole may lack radio or the line behind it: there the KPIs
tell, for a line drops and refuses nothing. Calls and text messages are the operator's own: where
they fall as a whole, its core does. What one subscriber alone suffers is the device's, SIM card and
all, unless almost all of it is in one of several cells or apps. What is concluded comes with its
evidence, and with whether the KPIs speak for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.problem.expected import kpis_expected
from graph.problem.identify import Seen
from graph.problem.position import Finding
from graph.problem.sums import UNKNOWN, Floats, Ints, Kind, Sums, added, quotient

Domain = Literal["device", "radio", "transport", "core", "service_provider"]

_BY_KIND: Mapping[Kind, Domain] = {
    "cell": "radio",
    "site": "radio",
    "place": "radio",
    "device": "device",
    "app": "service_provider",
    "service": "service_provider",
    "network": "core",
    "subscriber": "device",
}
_OWN_SERVICES = frozenset({"calls", "messages"})
_ALMOST_ALL, _NOT_MOST = 0.9, 0.75  # of the loss, and of the samples
# Which domains a KPI speaks for when it falls. Columns of data sessions and calls.
SIGNS: Mapping[str, tuple[Domain, ...]] = {
    "is_set_up": ("radio", "core"),
    "setup_ms": ("radio", "core"),
    "is_dropped": ("radio", "device"),
    "round_trip_ms": ("radio", "transport"),
    "down_bps": ("radio", "transport"),
    "loss_ratio": ("radio", "transport", "device"),
    "response_ms": ("service_provider",),
    "initial_delay_ms": ("service_provider",),
    "stalls": ("service_provider", "radio", "transport"),
    "stalling_load": ("service_provider", "radio", "transport"),
    "stalled_ms": ("service_provider", "radio", "transport"),
    "speech_mos": ("radio", "transport", "core", "device"),
    "is_delivered": ("radio", "core"),
    "delivery_ms": ("radio", "core"),
}
_OF_A_LINE = frozenset({"round_trip_ms", "down_bps", "loss_ratio"})
_OF_RADIO = frozenset({"is_set_up", "is_dropped", "setup_ms"})
_LEAST_FALL = 0.02  # of a KPI's worth, in [0, 1]
_HOURS = 24
_ALL_DAY_H = 16


@dataclass(frozen=True)
class KpiFall:
    """What a KPI of the samples was worth, and should have been.

    Attributes
    ----------
    worth, expected_worth : float
        Mean, in [0, 1].
    points : float
        What a mean sample lost by it, in points of the score.
    """

    name: str
    worth: float
    expected_worth: float
    points: float

    @property
    def fall(self) -> float:
        """By how much it fell, in [-1, 1]."""
        return self.expected_worth - self.worth


@dataclass(frozen=True)
class Evidence:
    """Why a finding is put down to a domain.

    Attributes
    ----------
    domain : Domain
        Who is at fault.
    is_supported : bool
        Whether more than half of what KPIs fell speaks for the domain.
    kpis : tuple of KpiFall
        The deepest fall first.
    first_hour, last_hour : int
        Hours of the day, UTC, in which the loss lies, the last one exclusive.
    hours_share : float
        Share of the loss in those hours; may exceed 1 where other hours were better than usual.
    concentration : Mapping[Kind, float]
        Of the other kinds: the largest share that one entity has in the loss, in [0, 1]. Little:
        it is everywhere.
    """

    domain: Domain
    is_supported: bool
    kpis: tuple[KpiFall, ...]
    first_hour: int
    last_hour: int
    hours_share: float
    concentration: Mapping[Kind, float]

    @property
    def is_by_hours(self) -> bool:
        """Whether it is a matter of some hours of the day."""
        return self.last_hour - self.first_hour < _ALL_DAY_H


def delimit(seen: Seen, finding: Finding) -> Evidence:
    """Return the domain of a finding, with the evidence."""
    rows = finding.rows
    kpis = _kpi_falls(seen, rows)
    part = seen.sums.of_rows(rows)
    short = part.n * seen.expected.mean[rows] - part.score
    first, last, share = _hours(part, short, part.n * seen.expected.variance[rows])
    domain = _domain(finding, kpis, part, short)
    spread: dict[Kind, float] = {
        kind: _largest_share(part, kind, short) for kind in seen.sums.codes if kind != finding.kind
    }
    # One's own device has a radio: what is bad wherever somebody is speaks for it.
    of: tuple[Domain, ...] = (domain, "radio") if finding.kind == "subscriber" else (domain,)
    return Evidence(domain, _speak_for(of, kpis), kpis, first, last, share, spread)


def _domain(finding: Finding, kpis: tuple[KpiFall, ...], part: Sums, short: Floats) -> Domain:
    fallen = {kpi.name for kpi in kpis if kpi.fall >= _LEAST_FALL}
    kind = finding.kind
    if kind in ("site", "place") and fallen & _OF_A_LINE and not fallen & _OF_RADIO:
        return "transport"
    if kind == "service" and finding.target in _OWN_SERVICES:
        return "core"
    if kind == "subscriber":
        narrow: tuple[Kind, ...] = ("cell", "app")
        for narrower in narrow:
            if _is_all_in_one(part, narrower, short):
                return _BY_KIND[narrower]
    return _BY_KIND[kind]


def _is_all_in_one(part: Sums, kind: Kind, short: Floats) -> bool:
    """Tell whether almost all of the loss, and not most of the samples, are one entity's."""
    return (
        _largest_share(part, kind, short) >= _ALMOST_ALL
        and _largest_share(part, kind, part.n) < _NOT_MOST
    )


def _speak_for(domains: tuple[Domain, ...], kpis: tuple[KpiFall, ...]) -> bool:
    falls = {kpi.name: max(kpi.fall, 0.0) for kpi in kpis}
    signs = {name: set(SIGNS.get(name, ())) for name in falls}
    told = sum(fall for name, fall in falls.items() if signs[name] & set(domains))
    return told > sum(falls.values()) / 2


def _kpi_falls(seen: Seen, rows: Ints) -> tuple[KpiFall, ...]:
    sums = seen.sums
    worth, points = kpis_expected(sums, seen.kept)
    found = []
    for number, name in enumerate(sums.kpis):
        has, n = sums.kpi_n[number, rows], sums.n[rows]
        if has.sum() > 0:
            now = float(sums.kpi_sum[number, rows].sum() / has.sum())
            should = float((has * worth[number, rows]).sum() / has.sum())
            lost = (n * points[number, rows]).sum() - sums.kpi_points[number, rows].sum()
            found.append(KpiFall(name, now, should, float(lost / n.sum())))
    return tuple(sorted(found, key=lambda kpi: -kpi.fall))


def _hours(part: Sums, short: Floats, variance: Floats) -> tuple[int, int, float]:
    """Return the run of hours whose shift explains most, and its share of the loss."""
    hour = part.hour % _HOURS
    loss = np.append(0.0, np.cumsum(added(hour, _HOURS, short)))
    chance = np.append(0.0, np.cumsum(added(hour, _HOURS, variance)))
    first, last = np.triu_indices(_HOURS + 1, 1)
    within = np.maximum(loss[last] - loss[first], 0.0)
    best = int(np.argmax(quotient(within**2, chance[last] - chance[first])))
    share = float(quotient(within[best], np.asarray(loss[-1])))
    return int(first[best]), int(last[best]), share


def _largest_share(part: Sums, kind: Kind, short: Floats) -> float:
    codes = part.codes[kind]
    lost = np.maximum(added(codes, len(part.names[kind]), short), 0.0)
    if not (codes != UNKNOWN).any() or not lost.sum():
        return 0.0
    return float(lost.max() / lost.sum())
