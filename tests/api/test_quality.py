"""What loads are like: in GraphQL, and as a page."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from api.quality_page import chart_of
from api.tokens import issue_token
from api.web import QUALITY_FOLDER
from graph.load import FileCount, LoadReport, RejectionCount
from graph.quality import DayCount, QualityCheck, QualityReport
from graph.settings import Role
from tests.api.conftest import Service, fresh_service

FIRST, LAST = datetime(2026, 1, 1, 8, tzinfo=UTC), datetime(2026, 1, 4, 9, tzinfo=UTC)
DAYS = (
    DayCount(kind="calls", day=date(2026, 1, 1), records=3),
    DayCount(kind="calls", day=date(2026, 1, 4), records=1200),
)
QUALITY = QualityReport(
    checks=(
        QualityCheck(kind="calls", name="records", value=1203),
        QualityCheck(kind="calls", name="earliest_at", at=FIRST),
        QualityCheck(kind="calls", name="latest_at", at=LAST),
        QualityCheck(kind="calls", name="unlocated_share", value=0.125),
        QualityCheck(kind="calls", name="onnet_subscribers"),
        QualityCheck(kind="calls", name="missing", column="duration_s", value=401),
        QualityCheck(kind="messages", name="records", value=0),
    ),
    days=DAYS,
)
REPORT = LoadReport(
    files=tuple(
        FileCount(
            file=file, table="calls", sha256="ab" * 32, size_bytes=9, rows_read=10, rows_rejected=2
        )
        for file in ("a.csv", "<b>.csv")
    ),
    rejections=(
        RejectionCount(file="a.csv", field="y", reason="lat_deg is above 90", rows=1),
        RejectionCount(file="a.csv", field="d", reason="is not a number", rows=1),
        RejectionCount(file="<b>.csv", field="d", reason="is not a number", rows=2),
    ),
    quality=QUALITY,
)


class _Page(HTMLParser):
    """The texts of a page, and its elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def after(self, text: str, count: int) -> list[str]:
        """Return the texts that follow the first of that wording."""
        start = self.texts.index(text) + 1
        return self.texts[start : start + count]

    def values(self, tag: str, name: str) -> list[str | None]:
        return [attributes.get(name) for found, attributes in self.elements if found == tag]


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    return fresh_service(nowhere, tmp_path)


@pytest.fixture
def load_id(service: Service) -> str:
    load_id = service.ledger.begin("bank & co")
    service.ledger.reported(load_id, REPORT)
    return load_id


def get(service: Service, path: str, role: Role | None = "analyst") -> httpx.Response:
    headers = {}
    if role:
        headers["authorization"] = f"Bearer {issue_token(service.settings, role, 'tester')}"
    return service.request("GET", path, headers=headers)


def test_graphql(service: Service, load_id: str) -> None:
    query = """{ loads { nodes { quality {
        checks { kind name column value at unit }
        located: checks(kind: "calls", name: "unlocated_share") { value meaning }
        days(kind: "calls") { day records }
        rejectedShare
        reasons { reason rows }
    } } } }"""
    (node,) = service.data(query, role="analyst")["loads"]["nodes"]
    quality = node["quality"]
    assert quality.pop("checks")[:2] == [
        {
            "kind": "calls",
            "name": "records",
            "column": None,
            "value": 1203.0,
            "at": None,
            "unit": "records",
        },
        {
            "kind": "calls",
            "name": "earliest_at",
            "column": None,
            "value": None,
            "at": "2026-01-01T08:00:00+00:00",
            "unit": "instant",
        },
    ]
    assert quality == {
        "located": [
            {"value": 0.125, "meaning": "share of the records that are not locatable; 0 to 1"}
        ],
        "days": [{"day": "2026-01-01", "records": 3}, {"day": "2026-01-04", "records": 1200}],
        "rejectedShare": 0.2,
        "reasons": [
            {"reason": "is not a number", "rows": 3},
            {"reason": "lat_deg is above 90", "rows": 1},
        ],
    }


def test_a_load_that_stored_nothing_has_no_quality(service: Service) -> None:
    service.ledger.begin("bank")
    query = "{ loads { nodes { quality { rejectedShare } } } }"
    assert service.data(query)["loads"]["nodes"] == [{"quality": None}]


def test_the_page_lists_loads_newest_first(service: Service, load_id: str) -> None:
    newer = service.ledger.begin("other")
    response = get(service, "/quality")
    assert response.status_code == 200
    page = _Page(response.text)
    addresses = [href for href in page.values("a", "href") if href]
    assert addresses == [f"/quality/{newer}", f"/quality/{load_id}"]
    assert page.after("bank & co", 6) == ["stored", "20", "4", "0", "0", "0"]


def test_long_lists_have_pages(service: Service) -> None:
    """51 loads: 50 and the oldest, which nothing is older than."""
    ids = [service.ledger.begin("bank") for _ in range(51)]
    (older,) = [
        href
        for href in _Page(get(service, "/quality").text).values("a", "href")
        if href and "before" in href
    ]
    assert older == f"/quality?before={ids[1]}"
    assert _Page(get(service, older).text).values("a", "href") == [f"/quality/{ids[0]}"]
    assert "Nothing was loaded before." in get(service, f"/quality?before={ids[0]}").text


def test_the_page_of_a_load(service: Service, load_id: str) -> None:
    page = _Page(get(service, f"/quality/{load_id}").text)
    assert page.after("unlocated_share", 2) == ["12.5%", "share"]
    assert page.after("earliest_at", 2) == ["2026-01-01 08:00:00", "instant"]
    assert page.after("onnet_subscribers", 2) == ["-", "subscribers"]
    assert page.after("duration_s", 3) == ["401", "33.3%", "-"]
    assert page.after("Rejected rows (20.0% of all)", 4)[2:] == ["is not a number", "3"]
    label = "2026-01-01 to 2026-01-04: 4 days, 2 without any; at most 1,200 records a day"
    assert page.values("svg", "aria-label") == [label]
    assert page.after("Day (UTC)", 5)[1:] == ["2026-01-01", "3", "2026-01-04", "1,200"]
    assert "<b>" not in page.texts


def test_bars_show_gaps_and_the_smallest_day() -> None:
    """Of at most 1,200 records, 3 are a quarter of one of 100 units, and still one is drawn."""
    chart = chart_of(DAYS)
    assert chart is not None
    assert [(bar.x, bar.y, bar.height) for bar in chart.bars] == [
        (1, 99, 1),
        (11, 100, 0),
        (21, 100, 0),
        (31, 0, 100),
    ]


def test_days_that_are_far_apart_stand_side_by_side() -> None:
    early = DayCount(kind="calls", day=date(1980, 1, 1), records=1)
    chart = chart_of([early, *DAYS])
    assert chart is not None
    assert [bar.label for bar in chart.bars] == [
        "1980-01-01: 1 records",
        "2026-01-01: 3 records",
        "2026-01-04: 1,200 records",
    ]
    assert "the empty ones left out" in chart.label


@pytest.mark.parametrize("path", ["/quality", "/quality/{load_id}", "/quality/nothing"])
def test_only_those_who_may_see_loads_get_it(service: Service, load_id: str, path: str) -> None:
    path = path.format(load_id=load_id)
    known = 404 if path.endswith("nothing") else 200
    roles: list[tuple[Role | None, int]] = [
        ("analyst", known),
        ("care", known),
        ("admin", known),
        ("retention", 403),
        ("partner", 403),
        (None, 401),
    ]
    for role, status in roles:
        response = get(service, path, role)
        assert response.status_code == status, role
        assert ("bank" in response.text) == (status == 200)
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert ('id="token"' in response.text) == (status == 401)
        assert ("www-authenticate" in response.headers) == (status == 401)


def test_a_browser_asks_nobody_else(service: Service, load_id: str) -> None:
    for path in ("/quality", f"/quality/{load_id}"):
        page = get(service, path).text
        assert re.findall(r"(?:https?:)?//", page) == []
        assert re.findall(r"style=|<style|<script>", page) == []
    for name in ("page.css", "page.js"):
        assert get(service, f"/quality/assets/{name}", None).status_code == 200
        assert "//" not in re.sub(
            r"^//.*$", "", (QUALITY_FOLDER / "assets" / name).read_text(), flags=re.M
        )


def test_whoever_cannot_see_it_finds_their_way(service: Service, load_id: str) -> None:
    """A language, one title, one first heading, a name for every section, and a header a column."""
    text = get(service, f"/quality/{load_id}").text
    page = _Page(text)
    assert page.values("html", "lang") == ["en"]
    tags = [tag for tag, _ in page.elements]
    assert (tags.count("h1"), tags.count("title") - tags.count("rect")) == (1, 1)
    ids = set(page.values("h2", "id"))
    assert set(page.values("section", "aria-labelledby")) == ids == {"calls", "messages"}
    assert set(page.values("th", "scope")) == {"col", "row"}
