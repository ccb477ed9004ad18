"""The village as a partner of CAMARA's APIs meets it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from api.camara import scopes
from api.tokens import issue_token
from cypher import Statement
from graph.consent.pairwise import pairwise
from graph.consent.terms import Terms
from tests.api.conftest import Service
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.sink import Sink
from tests.village import JONAS, KEY, KOFI, LAKE, SCHOOL

PARTNER, PURPOSE = "cinema", "dpv:Marketing"
KOFIS_NUMBER, JONAS_NUMBER, NOBODYS_NUMBER = "+4512345678", "+4500000010", "+4599999999"
_DAY = timedelta(days=1)
_SEEN: Any = """
MERGE (subscriber:Subscriber {subscriber_id: $subscriber_id})
MERGE (place:Place {h3: $h3})
MERGE (subscriber)-[visited:VISITED]->(place)
SET visited.last_at = $at
"""
_SEE = Statement(
    "tests/see",
    "Somebody was seen.",
    _SEEN,
    "write",
    {"subscriber_id": "str", "h3": "str", "at": "datetime"},
    {},
)


def see(service: Service, subscriber_id: str, h3: str, at: datetime) -> None:
    """Write down where somebody was last."""
    service.run(service.database.write(_SEE, subscriber_id=subscriber_id, h3=h3, at=at))


def consent(
    service: Service,
    subject: str,
    scope: Collection[str] = ("location",),
    purpose: str = PURPOSE,
    partner: str = PARTNER,
    validity: tuple[timedelta, timedelta] = (-_DAY, _DAY),
) -> str:
    """Let somebody consent, and return the consent's identifier."""
    now = datetime.now(UTC)
    since, until = (now + shift for shift in validity)
    terms = Terms(subject, partner, purpose, frozenset(scope), since, until, "a test")
    return service.services.consents.give(terms, subject).consent_id


def token(
    service: Service,
    granted: Collection[str] = tuple(scopes.SCOPES),
    person: str | None = None,
    partner: str = PARTNER,
    purpose: str | None = PURPOSE,
) -> str:
    """Return a token; of three legs, if it stands for a person."""
    acts_for = pairwise(KEY, partner, 1, person) if person else None
    return issue_token(service.settings, "partner", partner, purpose, granted, acts_for)


@dataclass
class World:
    """What a scenario prepares, sends and gets."""

    service: Service
    definition: Definition
    api: str
    path: str
    body: Any
    method: str = "POST"
    number: str = KOFIS_NUMBER
    headers: dict[str, str] = field(default_factory=dict)
    response: httpx.Response = field(default_factory=lambda: httpx.Response(500))
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sink: Sink | None = None

    def __post_init__(self) -> None:
        self.headers |= {"x-correlator": "b4333c46-49c0-4f62-80d7-f0ef930f1c46"}
        self.bear(token(self.service))

    def bear(self, text: str) -> None:
        """Send a token."""
        self.headers["authorization"] = f"Bearer {text}"

    def set(self, path: str, value: Any) -> None:
        """Set a property of the body, such as ``$.device.phoneNumber``."""
        *steps, last = path.removeprefix("$.").split(".")
        node = self.body
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = value

    def leave_out(self, path: str) -> None:
        """Leave a property of the body out."""
        *steps, last = path.removeprefix("$.").split(".")
        node = self.body
        for step in steps:
            node = node.get(step, {})
        node.pop(last, None)

    def send(self) -> httpx.Response:
        """Send the request; whatever comes back must be as the definition says."""
        options = {"json": self.body} if self.body is not None else {}
        self.asked_at = datetime.now(UTC)
        address = f"/camara/{self.api}/vwip{self.path}"
        self.response = self.service.request(self.method, address, headers=self.headers, **options)
        defined = re.sub(r"(/subscriptions)/.*", r"\1/{subscriptionId}", self.path)
        self.definition.check_response(self.method, defined, self.response)
        return self.response

    def property(self, path: str) -> Any:
        """Return a property of the response."""
        found = self.response.json()
        for step in path.removeprefix("$.").split("."):
            found = found[step]
        return found


def settle_located(service: Service) -> None:
    """Let kofi have been at school a minute ago; jonas was never seen anywhere."""
    see(service, KOFI, SCHOOL, datetime.now(UTC) - timedelta(minutes=1))
    see(service, "asha", LAKE, datetime.now(UTC) - timedelta(minutes=1))
    for subject in (KOFI, JONAS):
        consent(service, subject, ("location", "density"))
