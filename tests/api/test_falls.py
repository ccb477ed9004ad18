"""Whose experience fell, by GraphQL."""

from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path

import pytest

from graph.experience.model import DEFAULT_VERSION, model_of
from loaders.experience import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service, fresh_service
from tests.loaders.records_of import staged_of

pytestmark = pytest.mark.database

GOOD = {"is_set_up": True, "is_dropped": False, "setup_ms": 50.0, "response_ms": 500.0}
BEST = GOOD | {"down_bps": 5e7, "loss_ratio": 0.0}


def test_whose_experience_fell_and_who_did_not_ask_for_help(
    village: Service, tmp_path: Path
) -> None:
    """Everybody had 20 pages as good as can be; later, n of 20 could not be set up.

    Asha (15, 4 contacts) asked for help the day before the last week, bram (20) on its first day;
    dewi (20) has 2 contacts; goran had 2 pages each time, of which one failed, which says nothing;
    emil has left. Margins: 196 sqrt((20 v + 10 / 12) / 30 / 20), v: 0, then 3 / 16 of asha's.
    """
    people = {"asha": (20, 15), "bram": (20, 20), "dewi": (20, 20), "goran": (2, 1), "emil": (9, 9)}
    before, after = datetime(2023, 12, 28, tzinfo=UTC), datetime(2024, 1, 17, tzinfo=UTC)
    rows = [
        {
            "subscriber_id": who,
            "service": "web",
            "started_at": at + timedelta(minutes=number),
            **how,
        }
        for who, (pages, failed) in people.items()
        for number in range(pages)
        for at, how in (
            (before, BEST),
            (after, {"is_set_up": False} if number < failed else BEST),
        )
    ]
    service = fresh_service(village, tmp_path / "home")
    query = "{ proactiveCare { subscriber { key } before now drop margin rank } }"
    assert service.data(query) == {"proactiveCare": []}
    path = staged_of(tmp_path, "sessions", *rows)
    RecordStore(service.settings.records_folder).append("sessions", [path], "L1")
    shipped = model_of(DEFAULT_VERSION, service.settings.models_folder)
    analyse(service.settings, shipped, Silence())
    even, mixed = (10 / 12 / 30 / 20, (20 * 3 / 16 + 10 / 12) / 30 / 20)
    wanted = [("asha", 25, 300, even + mixed), ("dewi", 0, 200, even + even)]
    assert service.data(query)["proactiveCare"] == [
        {
            "subscriber": {"key": who},
            "before": pytest.approx(100),
            "now": pytest.approx(now),
            "drop": pytest.approx(100 - now),
            "margin": pytest.approx(196 * sqrt(variance)),
            "rank": pytest.approx(rank),
        }
        for who, now, rank, variance in wanted
    ]
    first = service.data(query.replace("Care", "Care(first: 1)"))["proactiveCare"]
    assert [each["subscriber"]["key"] for each in first] == ["asha"]
