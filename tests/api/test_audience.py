"""Audiences and their tokens: who is in by a naive model of its own, and what makes tokens void."""

import asyncio
import math
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import pytest

from cypher import Statement
from graph.audience.delivery import Deliveries
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from graph.errors import NotFound
from graph.metering.meter import Meter
from graph.metering.record import month_of
from graph.settings import Settings
from tests.api.conftest import Service
from tests.village import LAKE, MARKET, SCHOOL

pytestmark = pytest.mark.database

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
SEEDS = int(os.environ.get("TIEGRAPH_TEST_SEEDS", "4"))
PURPOSE = "dpv:Marketing"
_FILL: Any = """
MATCH (old:Subscriber) DETACH DELETE old
WITH count(*) AS once
UNWIND $people AS person
CREATE (one:Subscriber {subscriber_id: person.key})
FOREACH (interest IN person.likes |
  MERGE (liked:Interest {interest_id: interest})
  CREATE (one)-[:PREFERS {score: 0.8}]->(liked))
FOREACH (visit IN person.visits |
  MERGE (place:Place {h3: visit.h3})
  CREATE (one)-[:VISITED {last_at: visit.at}]->(place))
"""
FILL = Statement("tests/audience", "A town.", _FILL, "write", {"people": "list[map]"}, {})
AUDIENCE = """query ($interest: ID!, $near: Position!, $radiusM: Int!, $maxAgeS: Int) {
  audience(interest: $interest, near: $near, radiusM: $radiusM, maxAgeS: $maxAgeS) {
    density subscribers } }"""
REACHABLE = AUDIENCE.replace("density subscribers", "reachable")
START = """mutation ($interest: ID!, $near: Position!, $radiusM: Int!, $maxAgeS: Int, $most: Int!,
    $until: DateTime!) {
  startDelivery(interest: $interest, near: $near, radiusM: $radiusM, maxAgeS: $maxAgeS,
    message: "Two for one tonight", most: $most, expiresAt: $until) {
    density tokens expiresAt } }"""
DELIVER = "mutation ($token: ID!) { deliver(token: $token) { deliveredAt } }"
RECIPIENT = """query ($token: ID!) { recipient(token: $token) {
  key partner purpose message } }"""
NEAR_SCHOOL = dict(zip(("latDeg", "lonDeg"), h3.cell_to_latlng(SCHOOL), strict=True))
HERE = {"interest": "catering", "near": NEAR_SCHOOL, "radiusM": 2_000}


@pytest.fixture(scope="module")
def service(village: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Serve with files of one's own, and as fast as partners ask."""
    home = tmp_path_factory.mktemp("partners")
    settings = village.settings.model_copy(
        update={"request_rates": {"partner": 1e6}, "home_dir": home}
    )
    return Service(settings, village.database, village.ledger, village.runner)


@pytest.fixture
def town(service: Service) -> Iterator[list[str]]:
    """Forty people at the school who like to eat out, and may be reached by the cinema."""
    keys = [f"{number:032x}" for number in range(40)]
    visits = [{"h3": SCHOOL, "at": NOW}]
    people = [{"key": key, "likes": ["catering"], "visits": visits} for key in keys]
    service.run(service.database.write(FILL, people=people))
    book = service.services.consents
    book.give_all((terms(key, "cinema", "audience", "contact") for key in keys), "self")
    yield keys
    for key in keys:
        book.revoke_all(key, "the test")


def terms(
    subject: str, partner: str, *scope: str, purpose: str = PURPOSE, since: int = -1
) -> Terms:
    begin = NOW + since * DAY
    return Terms(subject, partner, purpose, frozenset(scope), begin, begin + 2 * DAY, "a form")


def ask(service: Service, document: str, variables: Any, partner: str = "cinema") -> dict[str, Any]:
    (told,) = service.data(
        document, variables, role="partner", subject=partner, purpose=PURPOSE
    ).values()
    return dict(told)


def start(service: Service, most: int, partner: str = "cinema", **wanted: Any) -> dict[str, Any]:
    variables = {**HERE, **wanted, "most": most, "until": (NOW + 2 * DAY).isoformat()}
    return ask(service, START, variables, partner)


def recipient(service: Service, token: str) -> Any:
    return service.data(RECIPIENT, {"token": token}, role="care")["recipient"]


def random_person(chance: random.Random, key: str) -> dict[str, Any]:
    likes = [one for one in ("catering", "travel") if chance.random() < 0.7]
    places = chance.sample([SCHOOL, MARKET, LAKE], chance.randint(0, 3))
    visits = [{"h3": one, "at": NOW - chance.uniform(0, 3) * DAY} for one in places]
    return {"key": key, "likes": likes, "visits": visits}


def random_consents(chance: random.Random, key: str, partner: str) -> list[tuple[Terms, bool]]:
    """Return consents and whether they are revoked afterwards."""
    made = []
    for _ in range(chance.randint(1, 2)):
        scope = chance.choice([("audience", "contact"), ("audience",), ("contact", "apps")])
        purpose = PURPOSE if chance.random() < 0.9 else "dpv:AcademicResearch"
        since = chance.choice([-1] * 8 + [-3, 1])
        one = terms(key, partner, *scope, purpose=purpose, since=since)
        made.append((one, chance.random() < 0.15))
    return made


def metres(one: str, lat_deg: float, lon_deg: float) -> float:
    """Return the distance from the centre of a place, by the haversine formula."""
    lat, lon, other_lat, other_lon = map(math.radians, (*h3.cell_to_latlng(one), lat_deg, lon_deg))
    half = math.sin((lat - other_lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((lon - other_lon) / 2) ** 2
    return 2 * 6_371_007.18 * math.asin(math.sqrt(half))


def is_meant(person: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if wanted["interest"] not in person["likes"] or not person["visits"]:
        return False
    last = max(person["visits"], key=lambda visit: visit["at"])
    if wanted.get("maxAgeS") and last["at"] < NOW - timedelta(seconds=wanted["maxAgeS"]):
        return False
    near: dict[str, float] = wanted["near"]
    distance_m = metres(last["h3"], near["latDeg"], near["lonDeg"])
    return distance_m <= float(wanted["radiusM"])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_audience_is_what_a_naive_model_says(service: Service, seed: int) -> None:
    """Each question is a partner's first one, so that only the number sixteen decides."""
    chance = random.Random(seed)  # noqa: S311
    people = [random_person(chance, f"{seed:016x}{number:016x}") for number in range(80)]
    service.run(service.database.write(FILL, people=people))
    book, deliveries = service.services.consents, service.services.deliveries
    for number in range(6):
        partner = f"shop {seed} {number}"
        consents = [one for man in people for one in random_consents(chance, man["key"], partner)]
        given = book.give_all((one for one, _ in consents), "self")
        standing: dict[str, set[str]] = {}
        for consent, (one, is_revoked) in zip(given, consents, strict=True):
            if is_revoked:
                book.revoke(consent.consent_id, "self")
            elif one.purpose == PURPOSE and one.valid_from <= NOW < one.valid_until:
                standing.setdefault(one.subject, set()).update(one.scope)
        wanted = {
            "interest": chance.choice(["catering", "catering", "travel", "games"]),
            "near": NEAR_SCHOOL,
            "radiusM": chance.choice([1, 400, 2_000, 50_000]),
            "maxAgeS": chance.choice([None, None, 86_400]),
        }
        meant = {man["key"] for man in people if is_meant(man, wanted)}
        counted = {key for key in meant if "audience" in standing.get(key, ())}
        reached = {key for key in counted if "contact" in standing[key]}
        if number % 3 == 0:
            count = len(counted) if len(counted) >= 16 else None
            density = "LOW_DENSITY" if count is None else "KNOWN"
            assert ask(service, AUDIENCE, wanted, partner) == {
                "density": density,
                "subscribers": count,
            }
            continue
        found = start(service, 10_000 if number % 3 == 1 else 3, partner, **wanted)
        tokens = found["tokens"]
        told = {whom.subject for token in tokens if (whom := deliveries.recipient(token))}
        if len(reached) < 16:
            assert (found["density"], tokens) == ("LOW_DENSITY", [])
        elif number % 3 == 1:
            assert (told, len(tokens)) == (reached, len(reached))
        else:
            assert len(told) == 3
            assert told < reached


def test_no_question_more_isolates_anybody(service: Service, town: list[str]) -> None:
    """Whoever goes away, comes again or is not to be contacted is not told by a difference."""
    assert ask(service, AUDIENCE, HERE)["subscribers"] == 40
    book = service.services.consents
    book.revoke_all(town[0], "self")
    assert ask(service, AUDIENCE, HERE) == {"density": "LOW_DENSITY", "subscribers": None}
    book.give(terms(town[0], "cinema", "audience"), "self")
    assert ask(service, AUDIENCE, HERE)["subscribers"] == 40
    assert ask(service, REACHABLE, HERE)["reachable"] is None, "39 would tell of one"
    assert start(service, 100)["tokens"] == []


def test_a_token_is_good_once_for_its_partner_and_is_billed_once(
    service: Service, town: list[str]
) -> None:
    first, second = start(service, 30)["tokens"], start(service, 30)["tokens"]
    assert len({*first, *second}) == 60, "nothing in common"
    assert {recipient(service, token)["key"] for token in first} <= set(town)
    token, other, third = first[:3]
    assert recipient(service, token) | {"key": ""} == {
        "key": "",
        "partner": "cinema",
        "purpose": PURPOSE,
        "message": "Two for one tonight",
    }
    as_cinema: Any = {"role": "partner", "subject": "cinema", "purpose": PURPOSE}
    bank = as_cinema | {"subject": "bank"}
    void = service.errors(DELIVER, {"token": "no token"}, **as_cinema)
    assert void[0][0] == "NOT_FOUND"
    assert service.errors(DELIVER, {"token": token}, **bank) == void
    before = len(contacts(service))
    assert ask(service, DELIVER, {"token": token})["deliveredAt"]
    assert service.data(DELIVER, {"token": other}, role="care")["deliver"]["deliveredAt"]
    for used in (token, other):
        assert service.errors(DELIVER, {"token": used}, **as_cinema) == void
        assert service.errors(DELIVER, {"token": used}, role="care") == void
        assert recipient(service, used) is None
    assert len(contacts(service)) == before + 2

    async def race() -> list[Any]:
        deliver = service.services.deliveries.deliver
        tries = (asyncio.to_thread(deliver, third, "cinema") for _ in range(5))
        return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = service.run(race())
    assert sum(isinstance(one, datetime) for one in outcomes) == 1
    assert sum(isinstance(one, NotFound) for one in outcomes) == 4


def test_a_revocation_voids_a_token_at_once(service: Service, town: list[str]) -> None:
    tokens = start(service, 40)["tokens"]
    book = service.services.consents
    by_subject = {recipient(service, token)["key"]: token for token in tokens}
    assert by_subject.keys() == set(town)
    options: Any = {"role": "partner", "subject": "cinema", "purpose": PURPOSE}
    before = len(contacts(service))
    for key, scope in ((town[0], None), (town[1], {"audience"}), (town[2], {"contact"})):
        (consent,) = [one for one in book.of(key) if not one.revoked_at]
        if scope is None:
            book.revoke(consent.consent_id, "self")
        else:
            book.narrow(consent.consent_id, frozenset(scope), consent.terms.valid_until, "self")
        assert recipient(service, by_subject[key]) is None
        ((code, _),) = service.errors(DELIVER, {"token": by_subject[key]}, **options)
        assert code == "NOT_FOUND"
    assert len(contacts(service)) == before


def test_of_who_is_erased_nothing_is_left(
    service: Service, town: list[str], tmp_path: Path
) -> None:
    file, book = tmp_path / "deliveries.sqlite", service.services.consents
    deliveries = Deliveries(file, book, lambda: NOW)
    tokens = deliveries.start("cinema", PURPOSE, "tonight", town[:2], 2, NOW + DAY)
    deliveries.forget([town[0]])
    held = [found.subject for token in tokens if (found := deliveries.recipient(token))]
    assert held == [town[1]]
    assert [one["message"] for one in deliveries.of(town[1])] == ["tonight"]
    deliveries.let_go()
    assert town[0].encode() not in file.read_bytes()
    assert town[1].encode() in file.read_bytes()
    later = Deliveries(file, book, lambda: NOW + DAY)
    assert [later.recipient(token) for token in tokens] == [None, None], "expired"
    later.start("cinema", PURPOSE, "another", [], 1, NOW + 2 * DAY)
    assert later.of(town[1]) == [], "what has expired is dropped"


def test_what_cannot_be_asked_is_refused(service: Service) -> None:
    options: Any = {"role": "partner", "subject": "cinema", "purpose": PURPOSE}
    for wrong in (
        {"interest": "everything"},
        {"radiusM": 0},
        {"radiusM": 50_001},
        {"maxAgeS": 0},
        {"near": {"latDeg": 91.0, "lonDeg": 0.0}},
    ):
        ((code, _),) = service.errors(AUDIENCE, HERE | wrong, **options)
        assert code == "BAD_USER_INPUT"
    until = (NOW + DAY).isoformat()
    for wrong in (
        {"most": 0},
        {"until": (NOW - DAY).isoformat()},
        {"until": "2099-01-01T00:00:00Z"},
    ):
        variables = HERE | {"most": 1, "until": until} | wrong
        ((code, _),) = service.errors(START, variables, **options)
        assert code == "BAD_USER_INPUT"
    (refused, *_) = service.errors(RECIPIENT, {"token": "x"}, **options)
    assert refused[0] == "PERMISSION_DENIED"


def contacts(service: Service) -> list[Any]:
    """Return the usage records of contacts; each is one unit, and answered."""
    records = service.services.meter.records(month_of(datetime.now(UTC)))
    found = [one for one in records if one.operation == "audience"]
    assert {(one.partner, one.units, one.state) for one in found} <= {("cinema", 1, "answered")}
    return found


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from api.audience import _delivered
from api.context import Services
from graph.audience.delivery import Deliveries
from graph.metering.meter import Meter
from graph.settings import Settings

def dying_after(method):
    def wrapped(*arguments, **options):
        method(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    return wrapped

moments = ((Deliveries, "deliver"), (Meter, "reserve"), (Meter, "answered"))
for token, (of, name) in zip(sys.argv[2:], moments):
    child = os.fork()
    if child == 0:
        setattr(of, name, dying_after(getattr(of, name)))
        services = Services(Settings(home_dir=Path(sys.argv[1])), None, None, None)
        asyncio.run(_delivered(services, "cinema", token))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""


def test_a_kill_leaves_no_contact_unbilled_and_bills_none_twice(tmp_path: Path) -> None:
    """SIGKILL after a token was used, after the record was reserved, and after it was answered."""
    made = Settings(home_dir=tmp_path)
    book, meter = ConsentBook(made.consents_file), Meter.of(made)
    book.give_all([terms(one, "cinema", "audience", "contact") for one in "abc"], "self")
    deliveries = Deliveries(made.deliveries_file, book)
    tokens = deliveries.start("cinema", PURPOSE, "Tonight", ["a", "b", "c"], 3, NOW + DAY)
    subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), *tokens], check=True)
    month = month_of(datetime.now(UTC))
    assert [one.units for one in meter.records(month)] == [1, 1], "one is not billed yet"
    again = deliveries.deliver(tokens[0], "cinema")
    assert again == deliveries.deliver(tokens[0], "cinema"), "nobody was told that it succeeded"
    meter.presume()
    assert deliveries.bill(meter) == 3
    assert deliveries.bill(meter) == 0
    records = meter.records(month, "cinema")
    assert [(one.operation, one.units) for one in records] == [("audience", 1)] * 3
    assert sorted(one.state for one in records) == ["answered", "presumed", "presumed"]
    assert meter.verify().length == 3
    for token in tokens:
        with pytest.raises(NotFound):
            deliveries.deliver(token, "cinema")
