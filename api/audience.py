"""Audiences of partners: how many people there are to reach, and tokens that reach them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, Services, context_of
from api.crowd import Density
from api.metering import delivered, metered
from api.tokens import Viewer
from graph.audience import delivery
from graph.audience.audience import MOST_AGE_S, MOST_RADIUS_M, Wanted, members
from graph.location.circle import Circle


class Position(graphene.InputObjectType):
    """A point on the earth, on WGS 84."""

    lat_deg = graphene.Float(required=True, description="Latitude, in degrees from -90 to 90.")
    lon_deg = graphene.Float(required=True, description="Longitude, in degrees from -180 to 180.")


def _wanted_arguments() -> dict[str, Any]:
    """Return the arguments that say whom a partner would reach."""
    return {
        "interest": graphene.ID(
            required=True, description="Key of what they like, such as `catering`."
        ),
        "near": Position(required=True, description="Where they were seen last."),
        "radius_m": graphene.Int(
            required=True,
            description="How far from there the centre of the place may be at which they were "
            f"seen, in metres: 1 to {MOST_RADIUS_M}.",
        ),
        "max_age_s": graphene.Int(
            description="How long ago at most they were seen there, in seconds: 1 to "
            f"{MOST_AGE_S}; any time where absent."
        ),
    }


@dataclass(frozen=True)
class Meant:
    """Who is in an audience, and how many may be told; None: it would tell of too few."""

    people: frozenset[str]
    count: int | None


class Audience(graphene.ObjectType):
    """People who opened `audience`, like something and were last near somewhere."""

    density = graphene.Field(
        graphene.NonNull(Density), description="Whether it is told how many they are."
    )
    subscribers = graphene.Int(description="How many, at least 16; null for LOW_DENSITY.")
    reachable = graphene.Int(
        description="How many of them opened `contact`, too, at least 16; null where that, with "
        "all that was told before, would tell of fewer."
    )

    @staticmethod
    def resolve_density(audience: Meant, _info: Info) -> str:
        return _density(audience.count)

    @staticmethod
    def resolve_subscribers(audience: Meant, _info: Info) -> int | None:
        return audience.count

    @staticmethod
    async def resolve_reachable(audience: Meant, info: Info) -> int | None:
        return (await _reachable(context_of(info), audience.people)).count


class Delivery(graphene.ObjectType):
    """Tokens that reach some of an audience, each one person, once."""

    density = graphene.Field(
        graphene.NonNull(Density),
        description="LOW_DENSITY: the audience that opened `contact` may not be counted, so "
        "that there are no tokens.",
    )
    tokens = graphene.List(
        graphene.NonNull(graphene.ID),
        required=True,
        description="In an order that says nothing. Nobody can tell whom they reach, or which of "
        "two deliveries reach the same person.",
    )
    expires_at = graphene.DateTime(
        required=True, description="The first instant at which they are void, in UTC."
    )


class Delivered(graphene.ObjectType):
    """A contact that was delivered, and is billed."""

    delivered_at = graphene.DateTime(required=True, description="When, in UTC.")


class Recipient(graphene.ObjectType):
    """Whom a token reaches: for the operator's own channel."""

    key = graphene.ID(required=True, description="Key of the subscriber.")
    partner = graphene.String(required=True, description="On whose behalf.")
    purpose = graphene.String(required=True, description="What for: a term such as dpv:Marketing.")
    message = graphene.String(required=True, description="What the partner wants to be sent.")
    expires_at = graphene.DateTime(
        required=True, description="The first instant at which the token is void, in UTC."
    )

    @staticmethod
    def resolve_key(recipient: delivery.Recipient, _info: Info) -> str:
        return recipient.subject


class AudienceQuery:
    """Fields of ``Query``."""

    audience = graphene.Field(
        graphene.NonNull(Audience),
        **_wanted_arguments(),
        description="How many people there are to reach, of those who opened `audience` to the "
        "partner for the purpose of its token.",
    )
    recipient = graphene.Field(
        Recipient,
        token=graphene.ID(required=True, description="A token of a delivery."),
        description="Whom a token reaches; null where it is void.",
    )

    @staticmethod
    async def resolve_audience(_root: None, info: Info, **wanted: Any) -> Meant:
        context = context_of(info)
        people = await _members(context, wanted)
        return Meant(people, await _counted(context, people))

    @staticmethod
    async def resolve_recipient(_root: None, info: Info, token: str) -> delivery.Recipient | None:
        return await run_sync(context_of(info).services.deliveries.recipient, token)


class AudienceMutation:
    """Fields of ``Mutation``."""

    start_delivery = graphene.Field(
        graphene.NonNull(Delivery),
        **_wanted_arguments(),
        message=graphene.String(
            required=True,
            description="What to send, or where the operator finds it: up to 2000 characters.",
        ),
        most=graphene.Int(
            required=True,
            description=f"How many tokens at most, 1 to {delivery.MOST_TOKENS}; who gets none is "
            "drawn by chance.",
        ),
        expires_at=graphene.DateTime(
            required=True,
            description="The first instant at which they are void, within 30 days; with a time "
            "zone.",
        ),
        description="Gives tokens that reach people of an audience who opened `contact`, too.",
    )
    deliver = graphene.Field(
        Delivered,
        token=graphene.ID(required=True, description="A token of a delivery."),
        description="Uses a token up: the operator's channel reaches its person, which is billed "
        "once. A token is void once used, when it has expired, for other partners, and from the "
        "moment on at which its person opens `audience` and `contact` no more.",
    )

    @staticmethod
    async def resolve_start_delivery(
        _root: None,
        info: Info,
        message: str,
        most: int,
        expires_at: datetime,
        **wanted: Any,
    ) -> dict[str, Any]:
        context = context_of(info)
        delivery.check(message, most, expires_at, datetime.now(UTC))
        reachable = await _reachable(context, await _members(context, wanted))
        tokens: list[str] = []
        if reachable.count is not None:
            viewer, deliveries = context.viewer, context.services.deliveries
            start = partial(deliveries.start, viewer.subject, str(viewer.purpose), message)
            tokens = await run_sync(start, reachable.people, most, expires_at)
        until = expires_at.astimezone(UTC)
        return {"density": _density(reachable.count), "tokens": tokens, "expires_at": until}

    @staticmethod
    async def resolve_deliver(_root: None, info: Info, token: str) -> dict[str, datetime]:
        services, viewer = context_of(info).services, context_of(info).viewer
        own = viewer.subject if viewer.role == "partner" else None
        partner = await run_sync(services.deliveries.owner, token)
        if partner is None or own not in (None, partner):
            raise delivery.void()
        return {"delivered_at": await _delivered(services, partner, token)}


async def _delivered(services: Services, partner: str, token: str) -> datetime:
    """Use a token up, and bill its partner, whoever delivers; each token has one usage record."""
    key = delivery.key_of(token)
    async with metered(services, Viewer("partner", partner), delivery.OPERATION, key=key):
        at = await run_sync(services.deliveries.deliver, token, partner)
        delivered(1)
    await run_sync(services.deliveries.billed, key)
    return at


async def _members(context: RequestContext, wanted: Mapping[str, Any]) -> frozenset[str]:
    near = wanted["near"]
    circle = Circle(near["lat_deg"], near["lon_deg"], float(wanted["radius_m"]))
    whom = Wanted(wanted["interest"], circle, wanted.get("max_age_s"))
    among = await run_sync(list, context.view.everybody("audience"))
    return frozenset(await members(context.reader, whom, among, datetime.now(UTC)))


async def _reachable(context: RequestContext, people: frozenset[str]) -> Meant:
    """Return those of an audience who may be contacted."""
    reached = frozenset(await run_sync(context.view.having, "contact", people))
    return Meant(reached, await _counted(context, reached))


async def _counted(context: RequestContext, people: frozenset[str]) -> int | None:
    record, asker = context.services.crowd, context.viewer.subject
    return (await run_sync(record.counted, asker, {"all": people}))["all"]


def _density(count: int | None) -> str:
    return "low_density" if count is None else "known"
