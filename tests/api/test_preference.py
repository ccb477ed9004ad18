"""What people like, from the apps that they use to what care and a partner are told."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import pytest
from scipy.stats import beta

from cypher import Statement
from graph.consent.terms import Terms
from graph.database.session import Endpoint
from loaders.preference import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service, fresh_service
from tests.loaders.records_of import at, staged_of

pytestmark = pytest.mark.database

# Sessions by category of app, all on one day: of one category, of two with one above them, of none.
USES = {
    "ann": {"food": 40, "news": 5, "music": 5, "messaging": 900},
    "bob": {"food": 1, "news": 9},
    "cat": {"video": 30, "music": 30, "news": 3, "food": 1},
    "dan": {"news": 30, "food": 2, "music": 1, "video": 1},
    "eve": {"messaging": 500},
}
_FILL: Any = """
UNWIND $uses AS use
MERGE (one:Subscriber {subscriber_id: use.who})
MERGE (app:App {app_id: 'preference:' + use.category}) SET app.category = use.category
CREATE (one)-[:USED {sessions: use.sessions, last_at: datetime('2026-01-02T23:30Z')}]->(app)
"""
FILL = Statement("tests/preference", "Uses.", _FILL, "write", {"uses": "list[map]"}, {})
CLEAR_TEXT: Any = "MATCH (one:Subscriber) WHERE one.subscriber_id <> 'ann' DETACH DELETE one"
CLEAR = Statement("tests/preference", "One alone.", CLEAR_TEXT, "write", {}, {})
NIGHT = "2026-01-02T23:30:00+00:00"
PREFERENCES = """query ($key: ID!) { subscriber(key: $key) { preferences {
  interest { key name partOf } score confidence evidence sessions
  sources { source evidence times lastAt }
} } }"""
CONSENTED = """{ consentingSubscribers(item: INTERESTS) { nodes {
  interests { key partOf score confidence } } } }"""


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    (tmp_path / "identity.key").write_bytes(bytes(32))  # the village's
    made = fresh_service(village, tmp_path)
    key_file = {"identity_key_file": tmp_path / "identity.key"}
    settings = made.settings.model_copy(update=key_file)
    return Service(settings, made.database, made.ledger, made.runner)


def liked_by(service: Service, key: str) -> dict[str, Any]:
    found = service.data(PREFERENCES, {"key": key})["subscriber"]["preferences"]
    return {one["interest"]["key"]: one for one in found}


def test_what_is_used_more_than_usual_is_liked(
    service: Service, village_endpoint: Endpoint
) -> None:
    """Expected by counting the table above, and by scipy's beta distribution."""
    uses = [
        {"who": who, "category": category, "sessions": sessions}
        for who, of_person in USES.items()
        for category, sessions in of_person.items()
    ]
    service.run(service.database.write(CLEAR))  # of the village, nobody stays
    service.run(service.database.write(FILL, uses=uses))
    _eve_eats_out(service)
    done = analyse(service.settings, lambda: village_endpoint, Silence())
    assert done.subscribers == 5
    ann = liked_by(service, "ann")
    assert list(ann) == ["catering"]
    total = sum(n for of_person in USES.values() for c, n in of_person.items() if c != "messaging")
    out = 2 * 3 * _still_worth(1.0, 12)
    usual = (40 + 1 + 1 + 2 + out) / (total + out)
    above, below = 40 + 10 * usual, 10 + 10 * (1 - usual)
    share = above / (above + below)
    assert ann["catering"] == {
        "interest": {"key": "catering", "name": "Food and drink", "partOf": None},
        "score": pytest.approx(share / (share + usual)),
        "confidence": pytest.approx(beta.sf(usual, above, below)),
        "evidence": 40.0,
        "sessions": 40,
        "sources": [{"source": "APPS", "evidence": 40.0, "times": 40, "lastAt": NIGHT}],
    }
    cat = liked_by(service, "cat")
    assert cat.keys() == {"music", "video", "entertainment"}
    assert cat["music"]["interest"]["partOf"] == "entertainment"
    assert cat["entertainment"]["sessions"] == 60, "both of its parts"
    assert liked_by(service, "dan").keys() == {"news", "society"}
    eve = liked_by(service, "eve")
    assert list(eve) == ["catering"], "messages tell of nothing"
    (places,) = eve["catering"]["sources"]
    assert places.pop("evidence") == pytest.approx(out) == eve["catering"]["evidence"]
    assert places == {"source": "PLACES", "times": 2, "lastAt": "2026-01-02T11:30:00+00:00"}
    assert eve["catering"]["sessions"] == 0
    _partners_see_it_where_opened(service)
    service.run(service.database.write(CLEAR))
    analyse(service.settings, lambda: village_endpoint, Silence())
    assert liked_by(service, "ann") == {}, "what is usual now is what ann does"


def _eve_eats_out(service: Service) -> None:
    """Put into the record store that eve was near a restaurant on two days, and nobody else."""
    cell = {"cell_id": "lab:x", "lat_deg": 55.7, "lon_deg": 12.5}
    venue = {"venue_id": "lab:v", "category": "restaurant", "lat_deg": 55.7, "lon_deg": 12.5}
    venue["h3"] = h3.str_to_int(h3.latlng_to_cell(55.7, 12.5, 9))
    seen = [
        {"subscriber_id": "eve", "cell_id": "lab:x", "seen_at": at(11, 30, day=day)}
        for day in (1, 2)
    ]
    store, folder = RecordStore(service.settings.records_folder), service.settings.home_dir
    store.append("cells", [staged_of(folder, "cells", cell)], "L1")
    store.append("venues", [staged_of(folder, "venues", venue)], "L1")
    store.append("locations", [staged_of(folder, "locations", *seen)], "L1")


def _still_worth(span_days: float, ended_hours_ago: float) -> float:
    """Return the mean of what halves in 30 days, integrated."""
    rate, ended = math.log(2) / 30, ended_hours_ago / 24
    since = math.exp(-rate * ended) - math.exp(-rate * (ended + span_days))
    return since / rate / span_days


def _partners_see_it_where_opened(service: Service) -> None:
    now = datetime.now(UTC)
    for who, scope in (("ann", {"interests"}), ("cat", {"apps"})):
        valid = (now - timedelta(1), now + timedelta(1))
        terms = Terms(who, "cinema", "dpv:Marketing", frozenset(scope), *valid, "a form")
        service.services.consents.give(terms, "self")
    options: Any = {"role": "partner", "subject": "cinema", "purpose": "dpv:Marketing"}
    (node,) = service.data(CONSENTED, **options)["consentingSubscribers"]["nodes"]
    assert [one["key"] for one in node["interests"]] == ["catering"]
    (node,) = service.data(CONSENTED.replace("INTERESTS", "APPS"), **options)[
        "consentingSubscribers"
    ]["nodes"]
    assert node["interests"] == []
