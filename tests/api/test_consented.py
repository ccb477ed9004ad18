"""What a partner sees is what the consents say, computed by an independent and naive model."""

import random
from base64 import urlsafe_b64decode as b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import h3
import pytest
from graphql import get_named_type, is_leaf_type

from api.access import RULES
from api.owner import owner_of
from api.schema import SCHEMA
from cypher import Statement
from graph.consent.pairwise import pairwise, subscriber_of
from graph.consent.terms import ITEMS, PERSONAL, Terms
from tests.api.conftest import Service
from tests.village import KEY, LAKE, MARKET, SCHOOL

PARTNERS = ("cinema", "restaurant")
PURPOSES = ("dpv:Marketing", "dpv:AcademicResearch")
DAY = timedelta(days=1)

pytestmark = pytest.mark.database

_FILL: Any = """
MATCH (old) WHERE old:Subscriber OR old:App DETACH DELETE old
WITH count(*) AS once
CALL { UNWIND $apps AS app CREATE (:App {app_id: app, name: 'App ' + app}) }
CALL { UNWIND $people AS person CREATE (one:Subscriber) SET one = person }
CALL {
  UNWIND $ties AS tie
  MATCH (from:Subscriber {subscriber_id: tie.from}), (to:Subscriber {subscriber_id: tie.to})
  CREATE (from)-[:CONTACTED {events: tie.events}]->(to)
}
CALL {
  UNWIND $uses AS use
  MATCH (one:Subscriber {subscriber_id: use.subject}), (app:App {app_id: use.app})
  CREATE (one)-[:USED {
    sessions: use.sessions, duration_s: use.sessions * 10, last_at: datetime('2026-01-02T23:30Z')
  }]->(app)
}
CALL {
  UNWIND $homes AS home
  MATCH (one:Subscriber {subscriber_id: home.subject}), (place:Place {h3: home.h3})
  CREATE (one)-[:HOME {days: 3, active_days: 4, share: 0.75, records: 9, candidates: 1}]->(place)
}
"""
_PARAMS = dict.fromkeys(("people", "ties", "uses", "homes"), "list[map]") | {"apps": "list[str]"}
FILL = Statement("tests/consented", "A population.", _FILL, "write", _PARAMS, {})

PERSON = """
fragment Person on ConsentedSubscriber {
  key opened
  demographics { gender birthYear isSenior hasPartner hasDependents }
  habits { home work }
  apps(first: 2) {
    totalCount edges { sessions durationS lastOn node { key name category maker } }
    pageInfo { hasNextPage }
  }
  contacts(first: 2) {
    totalCount edges { events node { key opened } } pageInfo { hasNextPage endCursor }
  }
}
"""
LIST = (
    """query ($item: ConsentItem!, $first: Int, $after: String) {
      consentingSubscribers(item: $item, first: $first, after: $after) {
        totalCount nodes { ...Person } pageInfo { hasNextPage endCursor }
      }
    }"""
    + PERSON
)
ONE = "query ($key: ID!) { consentedSubscriber(key: $key) { ...Person } }" + PERSON


@dataclass
class World:
    """A population, what it consented to, and what follows for a partner, by plain loops."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    ties: dict[frozenset[str], int] = field(default_factory=dict)
    uses: dict[tuple[str, str], int] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    consents: dict[str, Terms] = field(default_factory=dict)

    def open_items(self, subject: str, partner: str, purpose: str) -> set[str]:
        now = datetime.now(UTC)
        return {
            item
            for terms in self.consents.values()
            if (terms.subject, terms.partner, terms.purpose) == (subject, partner, purpose)
            if terms.valid_from <= now < terms.valid_until and subject in self.people
            for item in ITEMS
            if {item, item.partition(".")[0]} & terms.scope
        }

    def person(self, subject: str, partner: str, purpose: str) -> dict[str, Any] | None:
        """Return what the fragment above answers; None where the partner knows nothing."""
        items = self.open_items(subject, partner, purpose)
        shown = sorted(constant(item) for item in items & PERSONAL)
        if not shown:
            return None
        who = self.people[subject]
        traits = {"gender": "gender", "birthYear": "birth_year", "isSenior": "is_senior"}
        demographics: dict[str, Any] = {
            name: who.get(column) if f"demographics.{name}" in items else None
            for name, column in traits.items()
        }
        if demographics["gender"]:
            demographics["gender"] = demographics["gender"].upper()
        demographics |= {"hasPartner": None, "hasDependents": None}
        home = self.homes.get(subject) if "habits.home" in items else None
        apps = {app: n for (one, app), n in self.uses.items() if one == subject}
        first_apps = sorted(apps, key=lambda app: (-apps[app], app)) if "apps" in items else []
        others = self.contacts(subject, partner, purpose) if "contacts" in items else []
        return {
            "key": self.key(subject, partner),
            "opened": shown,
            "demographics": demographics if any(demographics.values()) else None,
            "habits": {"home": h3.cell_to_parent(home, 7), "work": None} if home else None,
            "apps": {
                "totalCount": len(first_apps),
                "edges": [
                    {
                        "sessions": apps[app],
                        "durationS": apps[app] * 10,
                        "lastOn": str(date(2026, 1, 2)),
                        "node": {"key": app, "name": f"App {app}", "category": None, "maker": None},
                    }
                    for app in first_apps[:2]
                ],
                "pageInfo": {"hasNextPage": len(first_apps) > 2},
            },
            "contacts": {
                "totalCount": len(others),
                "edges": [
                    {"events": events, "node": {"key": key, "opened": shown_by}}
                    for events, key, shown_by in others[:2]
                ],
                "pageInfo": {"hasNextPage": len(others) > 2},
            },
        }

    def contacts(
        self, subject: str, partner: str, purpose: str
    ) -> list[tuple[int, str, list[str]]]:
        found = []
        for pair, events in self.ties.items():
            if subject in pair:
                (other,) = pair - {subject}
                items = self.open_items(other, partner, purpose)
                if "contacts" in items:
                    shown = sorted(constant(item) for item in items & PERSONAL)
                    found.append((events, self.key(other, partner), shown))
        return sorted(found, key=lambda contact: (-contact[0], contact[1]))

    def key(self, subject: str, partner: str) -> str:
        return pairwise(KEY, partner, 1, subject)


def constant(item: str) -> str:
    """Return the name of an item in GraphQL."""
    return "".join(f"_{c}" if c.isupper() else c for c in item).replace(".", "_").upper()


@pytest.fixture(scope="module")
def service(village: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Serve with consents of one's own, and as fast as partners ask."""
    hurried = village.settings.model_copy(
        update={
            "request_rates": {"partner": 1e6},
            "cost_budgets": {"partner": 1_000_000},
            "home_dir": tmp_path_factory.mktemp("partners"),
        }
    )
    return Service(hurried, village.database, village.ledger, village.runner)


def world_of(chance: random.Random) -> World:
    names = [f"{chance.getrandbits(128):032x}" for _ in range(chance.randint(1, 12))]
    world = World()
    for name in names:
        traits = {
            "gender": chance.choice(["female", "male", None]),
            "birth_year": chance.choice([1980, 1955, None]),
            "is_senior": chance.choice([True, None]),
        }
        world.people[name] = {"subscriber_id": name, "plan": "gold", "contacts": 9, **traits}
        world.homes |= (
            {name: chance.choice([SCHOOL, MARKET, LAKE])} if chance.random() < 0.5 else {}
        )
        for app in "abc":
            if chance.random() < 0.5:
                world.uses[name, app] = chance.randint(1, 3)
        for other in names:
            if other < name and chance.random() < 0.4:
                world.ties[frozenset({name, other})] = chance.randint(1, 4)
    return world


def fill(service: Service, world: World) -> None:
    ties = [
        {"from": one, "to": other, "events": events}
        for (one, other), events in ((sorted(pair), n) for pair, n in world.ties.items())
    ]
    uses = [{"subject": s, "app": app, "sessions": n} for (s, app), n in world.uses.items()]
    homes = [{"subject": subject, "h3": place} for subject, place in world.homes.items()]
    people = [
        {name: value for name, value in person.items() if value is not None}
        for person in world.people.values()
    ]
    params = {"people": people, "ties": ties, "uses": uses, "homes": homes, "apps": list("abc")}
    service.run(service.database.write(FILL, **params))


def change_consents(service: Service, world: World, chance: random.Random) -> None:
    """Give, narrow and revoke some consents, in the book and in the model."""
    book, now = service.services.consents, datetime.now(UTC)
    for _ in range(chance.randint(5, 30)):
        act = chance.choice(["give", "give", "give", "narrow", "revoke"])
        if act == "give" or not world.consents:
            since, until = chance.choice([(-1, 1), (-1, 1), (-1, 1), (-2, -1), (1, 2)])
            terms = Terms(
                subject=chance.choice([*world.people, "not in the graph"]),
                partner=chance.choice(PARTNERS),
                purpose=chance.choice(PURPOSES),
                scope=frozenset(chance.sample([*ITEMS, "contacts", "apps"], chance.randint(1, 6))),
                valid_from=now + since * DAY,
                valid_until=now + until * DAY,
                evidence="a form",
            )
            world.consents[book.give(terms, "self").consent_id] = terms
            continue
        consent_id = chance.choice(sorted(world.consents))
        terms = world.consents[consent_id]
        if act == "revoke":
            book.revoke(consent_id, "self")
            del world.consents[consent_id]
        elif terms.valid_until > now:
            scope = frozenset(
                chance.sample(sorted(terms.scope), chance.randint(1, len(terms.scope)))
            )
            book.narrow(consent_id, scope, terms.valid_until, "self")
            world.consents[consent_id] = replace(terms, scope=scope)


def listed(ask: Any, item: str, size: int) -> Iterator[dict[str, Any]]:
    """Yield all nodes of a list page by page; every page counts the whole list."""
    after, seen, totals = None, 0, set()
    while True:
        page = ask(LIST, {"item": constant(item), "first": size, "after": after})
        found = page["consentingSubscribers"]
        totals.add(found["totalCount"])
        seen += len(found["nodes"])
        yield from found["nodes"]
        if not found["pageInfo"]["hasNextPage"]:
            assert totals == {seen}
            return
        after = found["pageInfo"]["endCursor"]


@pytest.mark.parametrize("seed", range(6))
def test_a_partner_sees_what_a_naive_model_says(service: Service, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    world = world_of(chance)
    fill(service, world)
    for _ in range(3):
        change_consents(service, world, chance)
        for _ in range(4):
            partner, purpose = chance.choice(PARTNERS), chance.choice(PURPOSES)

            def ask(document: str, variables: Any, who: Any = (partner, purpose)) -> Any:
                options = {"role": "partner", "subject": who[0], "purpose": who[1]}
                return without_cursors(service.data(document, variables, **options))

            item = chance.choice(sorted(PERSONAL))
            found = list(listed(ask, item, chance.randint(1, 5)))
            expected = [
                world.person(subject, partner, purpose)
                for subject in world.people
                if item in world.open_items(subject, partner, purpose)
            ]
            assert by_key(found) == by_key(expected)
            keys = [world.key(subject, partner) for subject in world.people]
            fields = [
                f'p{number}: consentedSubscriber(key: "{key}") {{ ...Person }}'
                for number, key in enumerate(keys)
            ]
            everybody = ask(f"{{ {' '.join(fields)} }} {PERSON}", {})
            assert list(everybody.values()) == [
                world.person(subject, partner, purpose) for subject in world.people
            ]
    service.services.consents.verify()


def without_cursors(data: Any) -> Any:
    listed = data.get("consentingSubscribers")
    for person in listed["nodes"] if listed else data.values():
        if person:
            person["contacts"]["pageInfo"].pop("endCursor")
    return data


def by_key(people: list[Any]) -> list[Any]:
    return sorted(people, key=lambda person: str(person["key"]))


def terms_of(subject: str, *scope: str, partner: str = "cinema") -> Terms:
    now = datetime.now(UTC)
    return Terms(
        subject, partner, "dpv:Marketing", frozenset(scope), now - DAY, now + DAY, "a form"
    )


@pytest.fixture
def crowd(service: Service) -> Iterator[World]:
    """Forty people who called the first of them; all that they consented to ends with the test."""
    names = [f"{number:032x}" for number in range(40)]
    world = World({name: {"subscriber_id": name} for name in names})
    world.ties = {frozenset({names[0], other}): 1 for other in names[1:]}
    fill(service, world)
    yield world
    for name in names:
        for consent in service.services.consents.of(name):
            service.services.consents.revoke(consent.consent_id, "the test")


def asked(service: Service, document: str, variables: Any = None, **options: Any) -> Any:
    chosen = {"role": "partner", "subject": "cinema", "purpose": "dpv:Marketing"} | options
    return service.data(document, variables, **chosen)


def test_who_is_not_to_be_seen_cannot_be_told_from_nobody(service: Service, crowd: World) -> None:
    """Each way of asking is answered by null, and has nothing read from the graph."""
    unknown, revoked, counted, other = list(crowd.people)[:4]
    book = service.services.consents
    consent = book.give(terms_of(revoked, "apps"), "self")
    book.revoke(consent.consent_id, "self")
    book.give(terms_of(counted, "audience", "density", "contact"), "self")
    book.give(terms_of(other, "apps", partner="restaurant"), "self")
    keys = [crowd.key(name, "cinema") for name in (unknown, revoked, counted, other)]
    keys += [unknown, crowd.key(other, "restaurant"), "", "é", "x" * 1_000, "U3Vic2NyaWJlcjox"]
    service.database.asked.clear()
    for key in keys:
        assert asked(service, ONE, {"key": key}) == {"consentedSubscriber": None}
    assert service.database.asked == []


def test_of_a_list_no_count_order_or_cursor_tells_of_others(service: Service, crowd: World) -> None:
    """Two partners get the same people in orders that have nothing to do with each other."""
    book, names = service.services.consents, list(crowd.people)
    people = names[:30]
    for partner in PARTNERS:
        book.give_all((terms_of(name, "apps", partner=partner) for name in people), "import")
    orders = []
    document = """query ($after: String) {
      consentingSubscribers(item: APPS, first: 7, after: $after) {
        totalCount edges { cursor node { key } } pageInfo { hasNextPage endCursor } } }"""
    for partner in PARTNERS:
        order: list[str | None] = []
        page = {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            found = asked(service, document, {"after": page["endCursor"]}, subject=partner)
            found, page = found["consentingSubscribers"], found["consentingSubscribers"]["pageInfo"]
            assert found["totalCount"] == len(people)
            for edge in found["edges"]:
                assert b"0000000000000000" not in b64decode(edge["cursor"])
                order.append(subscriber_of(KEY, partner, 1, edge["node"]["key"]))
        assert sorted(map(str, order)) == people
        orders.append(order)
    assert len({tuple(people), *map(tuple, orders)}) == 3


def test_contacts_need_the_consent_of_both(service: Service, crowd: World) -> None:
    book, (first, second, third, *_) = service.services.consents, crowd.people
    book.give_all([terms_of(first, "contacts"), terms_of(second, "contacts")], "self")
    book.give(terms_of(third, "apps"), "self")
    document = """query ($key: ID!) { consentedSubscriber(key: $key) {
        contacts { totalCount edges { cursor node { key contacts { totalCount } } } } } }"""
    found = asked(service, document, {"key": crowd.key(first, "cinema")})["consentedSubscriber"]
    (edge,) = found["contacts"].pop("edges")
    assert found == {"contacts": {"totalCount": 1}}
    assert edge["node"] == {"key": crowd.key(second, "cinema"), "contacts": {"totalCount": 1}}
    assert second.encode() not in b64decode(edge["cursor"])


def test_a_revocation_counts_from_the_next_request_on(service: Service, crowd: World) -> None:
    book, name = service.services.consents, next(iter(crowd.people))
    consent = book.give(terms_of(name, "apps"), "self")
    document = "{ consentingSubscribers(item: APPS) { totalCount nodes { key } } }"
    key = crowd.key(name, "cinema")
    assert asked(service, document)["consentingSubscribers"]["nodes"] == [{"key": key}]
    book.revoke(consent.consent_id, "self")
    nobody = {"totalCount": 0, "nodes": []}
    assert asked(service, document) == {"consentingSubscribers": nobody}
    assert asked(service, ONE, {"key": key}) == {"consentedSubscriber": None}


def test_a_partner_must_say_what_for(service: Service) -> None:
    document = "{ consentingSubscribers(item: APPS) { totalCount } }"
    ((code, message),) = service.errors(document, role="partner", subject="cinema")
    assert (code, "dpv:" in message) == ("PERMISSION_DENIED", True)


def test_nobody_is_listed_for_being_counted(service: Service) -> None:
    options: Any = {"role": "partner", "subject": "cinema", "purpose": "dpv:Marketing"}
    for item in sorted(ITEMS.keys() - PERSONAL):
        document = f"{{ consentingSubscribers(item: {constant(item)}) {{ totalCount }} }}"
        ((code, _),) = service.errors(document, **options)
        assert code == "BAD_USER_INPUT"


def test_partners_have_types_of_their_own() -> None:
    """Whatever a partner may ask for is of a type that asks the view, or of none with people."""
    theirs = {name for name, roles in RULES.items() if "partner" in roles}
    kinds = {name.partition(".")[0] for name in theirs} - {"Query", "Viewer", "PageInfo"}
    accounts = ("Mutation", "Partner", "Statement", "Posting", "UsageRecord", "Dispute")
    apps = (
        "AppInsight",
        "AppPeriod",
        "AppCohort",
        "AppRetention",
        "AppPart",
        "AppMove",
        "Estimate",
    )
    counts = ("SubscribersAggregate", "SubscriberGroup", "SubscriberMeans")
    crowds = (*counts, "Estimate", "Audience", "Deliver", *apps)
    places = ("SubscriberLocation", "GeofenceCrossing", "Subscription")
    expected = ("Consented", *places, *accounts, *crowds)
    assert {kind for kind in kinds if not kind.startswith(expected)} == set()
    of_people = {name for name in theirs if owner_of(name) == "person"}
    assert {name for name in of_people if name.startswith((*accounts, *crowds))} == set()
    for name in theirs:
        kind, _, field_name = name.partition(".")
        of_kind: Any = SCHEMA.type_map[kind]
        leaf = get_named_type(of_kind.fields[field_name].type)
        assert is_leaf_type(leaf) or leaf.name in kinds | {"Viewer", "PageInfo"}, name
