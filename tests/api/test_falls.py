"""Whose experience fell, by GraphQL."""

from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from cypher import Statement
from graph.experience.model import DEFAULT_VERSION, model_of
from loaders.experience import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service, fresh_service
from tests.loaders.records_of import staged_of

pytestmark = pytest.mark.database

GOOD = {"is_set_up": True, "is_dropped": False, "setup_ms": 50.0, "response_ms": 500.0}
WORTH = Statement(
    "tests/worth",
    "Payments of one who fell, the greatest of them long ago, and influence.",
    """
    MATCH (asha:Subscriber {subscriber_id: 'asha'}), (dewi:Subscriber {subscriber_id: 'dewi'})
    SET asha.pagerank = 0.1, dewi.pagerank = 0.3
    WITH dewi
    UNWIND [['w1', '2023-12-01', 1000000], ['w2', '2023-12-30', 3000], ['w3', '2024-01-17', 5997]]
      AS row
    CREATE (dewi)-[:PAID]->(:Payment {
      payment_id: row[0], paid_at: datetime(row[1] + 'T12:00Z'), amount_minor: row[2],
      currency: 'EUR'
    })
    """,
    "write",
    {},
    {},
)
BEST = GOOD | {"down_bps": 5e7, "loss_ratio": 0.0}


def test_whose_experience_fell_and_who_did_not_ask_for_help(
    village: Service, tmp_path: Path
) -> None:
    """Everybody had 20 pages as good as can be; later, n of 20 could not be set up.

    Asha (15) asked for help the day before the last week, bram (20) on its first day; dewi (20)
    fell too; goran had 2 pages each time, of which one failed, which says nothing; emil has left.
    Margins: 196 sqrt((20 v + 10 / 12) / 30 / 20), v: 0, then 3 / 16 of asha's.

    Asha has 4 contacts and dewi 2, so 4 / 3 and 2 / 3 of the mean; dewi's value is not known. Then
    dewi pays 89.97 where asha's package is 29.99, so 3 / 2 and 1 / 2 of the mean, and by PageRank,
    too, dewi has three times asha's influence.
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
    query = "{ proactiveCare { subscriber { key } before now drop margin rank value influence } }"
    assert service.data(query) == {"proactiveCare": []}
    path = staged_of(tmp_path, "sessions", *rows)
    RecordStore(service.settings.records_folder).append("sessions", [path], "L1")
    shipped = model_of(DEFAULT_VERSION, service.settings.models_folder)
    analyse(service.settings, shipped, Silence())
    even, mixed = (10 / 12 / 30 / 20, (20 * 3 / 16 + 10 / 12) / 30 / 20)
    asha, dewi = ("asha", 25, even + mixed), ("dewi", 0, even + even)
    plain = [_fall(*asha, 1, 4 / 3, 100), _fall(*dewi, 1, 2 / 3, 200 / 3)]
    assert service.data(query)["proactiveCare"] == plain
    service.run(service.database.write(WORTH))
    told = [_fall(*dewi, 3 / 2, 3 / 2, 225), _fall(*asha, 1 / 2, 1 / 2, 18.75)]
    assert service.data(query)["proactiveCare"] == told
    first = service.data(query.replace("Care", "Care(first: 1)"))["proactiveCare"]
    assert [each["subscriber"]["key"] for each in first] == ["dewi"]


def _fall(
    who: str, now: float, variance: float, value: float, influence: float, rank: float
) -> dict[str, Any]:
    numbers = {
        "before": 100,
        "now": now,
        "drop": 100 - now,
        "margin": 196 * sqrt(variance),
        "rank": rank,
        "value": value,
        "influence": influence,
    }
    return {
        "subscriber": {"key": who},
        **{name: pytest.approx(each) for name, each in numbers.items()},
    }
