"""Consents: what subscribers open to partners, written down and shown on their behalf."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.enums import described, plain
from graph.consent import consent
from graph.consent.terms import ITEMS, PURPOSES, Terms
from graph.database.session import Row
from graph.errors import NotFound
from graph.subscriber import subscribers


def _constant(item: str) -> str:
    return re.sub(r"(?=[A-Z])|\.", "_", item).upper()


ConsentItem: Any = graphene.Enum(
    "ConsentItem",
    [(_constant(item), item) for item in ITEMS],
    description=described(
        "What a subscriber can open to a partner; a part is open with the whole, or by itself.",
        {_constant(item): about for item, about in ITEMS.items()},
    ),
)


class ConsentState(graphene.Enum):
    """Whether a consent opens anything at the moment."""

    class Meta:
        description = described(
            "Whether a consent opens anything at the moment.",
            {
                "PENDING": "Not yet.",
                "OPEN": "Yes.",
                "ENDED": "Not any more, as agreed.",
                "REVOKED": "Not any more, because it was revoked.",
            },
        )

    PENDING = "pending"
    OPEN = "open"
    ENDED = "ended"
    REVOKED = "revoked"


class ConsentAct(graphene.Enum):
    """What was done about a consent."""

    class Meta:
        description = described(
            "What was done about a consent.",
            {
                "GIVE": "It was given.",
                "NARROW": "It opens less, or ends earlier, from then on.",
                "REVOKE": "It opens nothing from then on.",
            },
        )

    GIVE = "give"
    NARROW = "narrow"
    REVOKE = "revoke"


class ConsentEntry(graphene.ObjectType):
    """An entry of the book of consents, which nobody changes."""

    number = graphene.Int(required=True, description="Place in the book, from 1.")
    act = graphene.Field(graphene.NonNull(ConsentAct), description="What was done.")
    at = graphene.DateTime(required=True, description="When, in UTC.")
    by = graphene.String(required=True, description="Who had it written down.")


class Consent(graphene.ObjectType):
    """What a subscriber opened to a partner, as it stands."""

    key = graphene.ID(required=True, description="Identifier of the consent.")
    partner = graphene.String(required=True, description="Name of the partner.")
    purpose = graphene.String(
        required=True, description="What the partner may use it for: a term such as dpv:Marketing."
    )
    scope = graphene.List(
        graphene.NonNull(ConsentItem), required=True, description="What is opened, sorted."
    )
    valid_from = graphene.DateTime(required=True, description="When it begins, in UTC.")
    valid_until = graphene.DateTime(
        required=True, description="The first instant at which it is over, in UTC."
    )
    evidence = graphene.String(
        required=True, description="How it was given, and where that can be looked up."
    )
    state = graphene.Field(
        graphene.NonNull(ConsentState), description="Whether it opens anything at the moment."
    )
    revoked_at = graphene.DateTime(description="When it was revoked, in UTC; null: it was not.")
    history = graphene.List(
        graphene.NonNull(ConsentEntry), required=True, description="All that was done, in order."
    )

    @staticmethod
    def resolve_key(given: consent.Consent, _info: Info) -> str:
        return given.consent_id

    @staticmethod
    def resolve_partner(given: consent.Consent, _info: Info) -> str:
        return given.terms.partner

    @staticmethod
    def resolve_purpose(given: consent.Consent, _info: Info) -> str:
        return given.terms.purpose

    @staticmethod
    def resolve_scope(given: consent.Consent, _info: Info) -> list[str]:
        return sorted(given.terms.scope)

    @staticmethod
    def resolve_valid_from(given: consent.Consent, _info: Info) -> datetime:
        return given.terms.valid_from.astimezone(UTC)

    @staticmethod
    def resolve_valid_until(given: consent.Consent, _info: Info) -> datetime:
        return given.terms.valid_until.astimezone(UTC)

    @staticmethod
    def resolve_evidence(given: consent.Consent, _info: Info) -> str:
        return given.terms.evidence

    @staticmethod
    def resolve_state(given: consent.Consent, _info: Info) -> str:
        return given.state(datetime.now(UTC))

    @staticmethod
    async def resolve_history(given: consent.Consent, info: Info) -> list[consent.Entry]:
        book = context_of(info).services.consents
        entries = await run_sync(book.history, given.terms.subject)
        return [entry for entry in entries if entry.consent_id == given.consent_id]


class ConsentsField:
    """The field ``consents`` of ``Subscriber``."""

    consents = graphene.List(
        graphene.NonNull(Consent),
        required=True,
        description="What they opened to partners, ended and revoked consents too, the latest "
        "first.",
    )

    @staticmethod
    async def resolve_consents(subscriber: Row, info: Info) -> list[consent.Consent]:
        book = context_of(info).services.consents
        return await run_sync(book.of, subscriber["subscriber_id"])


_KEY = graphene.ID(required=True, description="Identifier of the consent.")
_SCOPE = graphene.List(
    graphene.NonNull(ConsentItem), required=True, description="What is opened: at least one item."
)
_UNTIL = graphene.DateTime(
    required=True, description="The first instant at which it is over; with a time zone."
)


class ConsentMutation:
    """Fields of ``Mutation``."""

    give_consent = graphene.Field(
        graphene.NonNull(Consent),
        subscriber=graphene.ID(required=True, description="Pseudonym of who consents."),
        partner=graphene.String(required=True, description="Name of the partner."),
        purpose=graphene.String(
            required=True, description=f"What it may use it for: one of {', '.join(PURPOSES)}."
        ),
        scope=_SCOPE,
        valid_from=graphene.DateTime(description="When it begins; now where absent."),
        valid_until=_UNTIL,
        evidence=graphene.String(
            required=True,
            description="How it was given, and where that can be looked up: up to 2000 characters.",
        ),
        description="Writes down what a subscriber consents to.",
    )
    narrow_consent = graphene.Field(
        graphene.NonNull(Consent),
        key=_KEY,
        scope=_SCOPE,
        valid_until=_UNTIL,
        description="Lets a consent open less, or end earlier, from now on; never more.",
    )
    revoke_consent = graphene.Field(
        graphene.NonNull(Consent),
        key=_KEY,
        description="Closes from now on whatever a consent opens.",
    )

    @staticmethod
    async def resolve_give_consent(
        _root: None,
        info: Info,
        subscriber: str,
        scope: Sequence[Any],
        valid_from: datetime | None = None,
        **told: Any,
    ) -> consent.Consent:
        context = context_of(info)
        since = valid_from or datetime.now(UTC)
        terms = Terms(subject=subscriber, scope=_items(scope), valid_from=since, **told)
        if await context.dataloaders.by_key(subscribers, subscriber) is None:
            raise NotFound("there is no such subscriber")
        return await run_sync(context.services.consents.give, terms, context.viewer.subject)

    @staticmethod
    async def resolve_narrow_consent(
        _root: None, info: Info, key: str, scope: Sequence[Any], valid_until: datetime
    ) -> consent.Consent:
        context = context_of(info)
        narrow = partial(context.services.consents.narrow, by=context.viewer.subject)
        return await run_sync(narrow, key, _items(scope), valid_until)

    @staticmethod
    async def resolve_revoke_consent(_root: None, info: Info, key: str) -> consent.Consent:
        context = context_of(info)
        return await run_sync(context.services.consents.revoke, key, context.viewer.subject)


def _items(scope: Sequence[Any]) -> frozenset[str]:
    return frozenset(map(plain, scope))
