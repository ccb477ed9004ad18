"""The page of data quality: loads, the newest first, and what the records of each are like.

Plain HTML for the same people who may ask GraphQL for loads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from operator import attrgetter

from anyio.to_thread import run_sync
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.access import denied
from api.authentication import viewer_of
from api.context import Services
from api.errors import Refused, refused
from api.quality import quality_of, reasons, rejected_share
from api.web import QUALITY_FOLDER
from graph.errors import NotAllowed, NotFound
from graph.quality import DayCount, QualityCheck, QualityReport

LOADS_A_PAGE = 50
_WANTED = frozenset({"Query.loads", "Load.quality", "LoadQuality.checks", "LoadQuality.days"})
_LONGEST_AXIS_DAYS = 400
_NOTHING = "-"


@dataclass(frozen=True)
class Bar:
    """One day of a chart, in the chart's own units."""

    x: int
    y: int
    width: int
    height: int
    label: str


@dataclass(frozen=True)
class Chart:
    """Records a day as bars."""

    width: int
    height: int
    label: str
    bars: list[Bar]


@dataclass(frozen=True)
class ColumnView:
    """What is missing in a column, and how many different values it has."""

    name: str
    missing: int | float | None
    missing_share: float | None
    distinct: int | float | None


@dataclass(frozen=True)
class KindView:
    """What the records of one kind are like."""

    name: str
    chart: Chart | None
    days: list[DayCount]
    checks: list[QualityCheck]
    columns: list[ColumnView]


class QualityPage:
    """What answers at ``/quality`` and ``/quality/{load_id}``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def loads(self, request: Request) -> Response:
        """Answer with the list of loads, from just before the load ``before``."""
        before = request.query_params.get("before")
        ledger = self._services.ledger
        try:
            await self._admit(request)
        except Refused as refusal:
            return _refusal(refusal)
        read = partial(ledger.entries, limit=LOADS_A_PAGE + 1, before=before)
        entries = await run_sync(read)
        shown = entries[:LOADS_A_PAGE]
        older = shown[-1].load_id if len(entries) > LOADS_A_PAGE else None
        return _page("loads.html", entries=shown, older=older, is_continued=before is not None)

    async def load(self, request: Request) -> Response:
        """Answer with one load."""
        try:
            await self._admit(request)
            entry = await run_sync(self._services.ledger.entry, request.path_params["load_id"])
            if entry is None:
                raise refused(NotFound("there is no such load"))
        except Refused as refusal:
            return _refusal(refusal)
        return _page(
            "load.html",
            entry=entry,
            kinds=kind_views(quality_of(entry.report)),
            reasons=reasons(entry.report),
            rejected_share=rejected_share(entry.report),
        )

    async def _admit(self, request: Request) -> None:
        viewer = await viewer_of(self._services, request)
        request.state.role = viewer.role
        if denied(viewer.role, _WANTED):
            raise refused(NotAllowed(f"the role {viewer.role} may not see loads"))


def kind_views(report: QualityReport) -> list[KindView]:
    """Return what there is to show of every kind of a load."""
    views = []
    for kind, group in groupby(report.checks, key=attrgetter("kind")):
        checks = list(group)
        days = [day for day in report.days if day.kind == kind]
        whole = [check for check in checks if check.column is None]
        views.append(KindView(kind, chart_of(days), days, whole, _columns(checks)))
    return views


def chart_of(days: Sequence[DayCount]) -> Chart | None:
    """Return records a day as bars, days without any included, so that gaps show.

    Where the days are far apart, only those with records have a place on the axis.
    """
    if not days:
        return None
    counts = {day.day: day.records for day in days}
    axis = list(_every_day(min(counts), max(counts)))
    is_whole = len(axis) <= _LONGEST_AXIS_DAYS
    axis = axis if is_whole else sorted(counts)
    most = max(counts.values())
    bars = [_bar(index, day, counts.get(day, 0), most) for index, day in enumerate(axis)]
    empty = f", {len(axis) - len(counts)} without any" if is_whole else ", the empty ones left out"
    label = f"{axis[0]} to {axis[-1]}: {len(axis)} days{empty}; at most {most:,} records a day"
    return Chart(width=10 * len(axis), height=100, label=label, bars=bars)


def _bar(index: int, day: date, records: int, most: int) -> Bar:
    height = -(-100 * records // most)  # rounded up, so that one record shows
    return Bar(10 * index + 1, 100 - height, 8, height, f"{day}: {records:,} records")


def _every_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _columns(checks: Sequence[QualityCheck]) -> list[ColumnView]:
    found = {(check.name, check.column): check.value for check in checks}
    records = found.get(("records", None)) or 0
    names = dict.fromkeys(check.column for check in checks if check.column is not None)
    views = []
    for name in names:
        missing = found.get(("missing", name))
        share = missing / records if missing is not None and records else None
        views.append(ColumnView(name, missing, share, found.get(("distinct", name))))
    return views


def _refusal(refusal: Refused) -> Response:
    message = str(refusal.problems[0]["message"])
    is_token_wanted = refusal.status == 401
    return HTMLResponse(
        _templates()
        .get_template("refused.html")
        .render(message=message, is_token_wanted=is_token_wanted),
        refusal.status,
        dict(refusal.headers),
    )


def _page(template: str, **content: object) -> Response:
    return HTMLResponse(_templates().get_template(template).render(**content))


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(QUALITY_FOLDER), autoescape=True, undefined=StrictUndefined
    )
    templates.filters.update(instant=_instant, number=_number, share=_share, value=_value)
    return templates


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:,.12g}"


def _share(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1%}"


def _value(check: QualityCheck) -> str:
    if check.at is not None:
        return _instant(check.at)
    return _share(check.value) if check.meaning.unit == "share" else _number(check.value)
