"""What people like, from the apps that they use to what care and a partner are told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import beta

from cypher import Statement
from graph.consent.terms import Terms
from graph.database.session import Endpoint
from loaders.preference import analyse
from loaders.progress import Silence
from tests.api.conftest import Service, fresh_service

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
PREFERENCES = """query ($key: ID!) { subscriber(key: $key) { preferences {
  interest { key name partOf } score confidence evidence sessions
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
    done = analyse(service.settings, lambda: village_endpoint, Silence())
    assert done.subscribers == 5
    ann = liked_by(service, "ann")
    assert list(ann) == ["catering"]
    total = sum(n for of_person in USES.values() for c, n in of_person.items() if c != "messaging")
    usual = (40 + 1 + 1 + 2) / total
    above, below = 40 + 10 * usual, 10 + 10 * (1 - usual)
    share = above / (above + below)
    assert ann["catering"] == {
        "interest": {"key": "catering", "name": "Food and drink", "partOf": None},
        "score": pytest.approx(share / (share + usual)),
        "confidence": pytest.approx(beta.sf(usual, above, below)),
        "evidence": 40.0,
        "sessions": 40,
    }
    cat = liked_by(service, "cat")
    assert cat.keys() == {"music", "video", "entertainment"}
    assert cat["music"]["interest"]["partOf"] == "entertainment"
    assert cat["entertainment"]["sessions"] == 60, "both of its parts"
    assert liked_by(service, "dan").keys() == {"news", "society"}
    assert liked_by(service, "eve") == {}, "messages tell of nothing"
    _partners_see_it_where_opened(service)
    service.run(service.database.write(CLEAR))
    analyse(service.settings, lambda: village_endpoint, Silence())
    assert liked_by(service, "ann") == {}, "what is usual now is what ann does"


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
