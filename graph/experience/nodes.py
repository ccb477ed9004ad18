"""Scores as they are now, as nodes of the graph: of whom or what, of all services and of each.

A node is known by the version of the model, the window, its owner and the service. There is one of
the newest window alone, so their number is bounded; others are answered from what is stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from graph.experience.model import Model
from graph.experience.series import Window, window_end
from graph.experience.tally import Score, Sums, score_of

Kind = Literal["subscriber", "service", "segment", "place", "cell", "device", "app"]
TREND_DAYS = 56  # the day before them would count less than one in 256


@dataclass(frozen=True)
class Stretch:
    """A window, half-open and UTC."""

    window: Window
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Owner:
    """Whose scores they are: a node's key, or a segment's name."""

    kind: Kind
    key: str


def newest(window: Window, at: datetime) -> Stretch:
    """Return the window that an instant lies in.

    Examples
    --------
    >>> newest("week", datetime(2026, 1, 8, 15, tzinfo=UTC)).since.isoformat()
    '2026-01-05T00:00:00+00:00'
    """
    day = datetime.combine(at.date(), time(), UTC)
    since = {
        "hour": day + timedelta(hours=at.hour),
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }[window]
    return Stretch(window, since, window_end(since, window))


def trend_begins(last: date) -> datetime:
    """Return the first instant that a trend goes back to from the last day that was scored."""
    return datetime.combine(last - timedelta(days=TREND_DAYS - 1), time(), UTC)


def group_of(version: str, window: Window, owner: Owner) -> str:
    """Return what the keys of an owner's nodes of a window begin with."""
    return f"{version}/{window}/{owner.kind}:{owner.key}/"


def nodes_of(
    model: Model,
    stretch: Stretch,
    owner: Owner,
    by_service: Mapping[str, Sums],
    trends: Mapping[str | None, float | None],
    state: int,
) -> Iterator[dict[str, Any]]:
    """Yield an owner's nodes of a window: of all services, then of each.

    Parameters
    ----------
    trends
        By service, and of all by None, in [0, 100].
    state
        By which it is known later whether anything has changed.
    """
    group = group_of(model.version, stretch.window, owner)
    shared = {
        "owner_kind": owner.kind,
        "owner": owner.key,
        "window": stretch.window,
        "since": stretch.since,
        "until": stretch.until,
        "model_version": model.version,
        "state": state,
    }
    for service in (None, *sorted(by_service)):
        mine = by_service if service is None else {service: by_service[service]}
        score = score_of(model, mine)
        measures = _measures(score) | ({} if service is None else _reasons(score))
        known = {"experience_id": f"{group}{service or ''}", "service": service}
        where = {} if service is None else model.services[service].where
        yield {
            "kind": owner.kind,
            "owner": owner.key,
            "service_id": where.get("service"),
            "properties": shared | known | measures | {"trend": trends.get(service)},
        }


def _measures(score: Score) -> dict[str, Any]:
    names = ("cei", "least", "coverage", "margin", "confidence", "samples", "scored")
    return {name: getattr(score, name) for name in names}


def _reasons(score: Score) -> dict[str, Any]:
    """Return the scores of a service's KQIs, and of the KPIs that any sample has."""
    kpis = [kpi for kqi in score.kqis for kpi in kqi.kpis if kpi.score is not None]
    names = ("name", "value", "score", "weight", "contribution", "samples")
    lists = {f"kpi_{name}s": [getattr(kpi, name) for kpi in kpis] for name in names[:-1]}
    kqis = {kqi.name: kqi.score for kqi in score.kqis}
    return kqis | lists | {"kpi_samples": [kpi.samples for kpi in kpis]}
