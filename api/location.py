"""Where somebody was last, at once and as it changes: a partner learns it as long as it is open."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import graphene
from anyio import sleep
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described
from graph.database.session import Row
from graph.errors import BadInput, DatabaseError
from graph.location.circle import Circle
from graph.location.location import LEAST_RADIUS_M, last_locations
from graph.reader import Reader

_ITEM = "location"  # of consents
_EVERY_S = 0.5  # so long at most is somebody told of who has just taken the consent back
_FARTHEST = {"latDeg": 90.0, "lonDeg": 180.0}


class SubscriberLocation(graphene.ObjectType):
    """Where the network saw a subscriber last: somewhere in a circle."""

    h3 = graphene.ID(required=True, description="H3 index of the place, of resolution 9.")
    lat_deg = graphene.Float(
        required=True, description="Latitude of its centre, in degrees, -90 to 90."
    )
    lon_deg = graphene.Float(
        required=True, description="Longitude of its centre, in degrees, -180 to 180."
    )
    radius_m = graphene.Float(
        required=True,
        description="Radius of a circle around the centre that holds it, in whole metres.",
    )
    at = graphene.DateTime(required=True, description="Until when they were seen there.")


class Crossing(graphene.Enum):
    """Which way a border was crossed."""

    class Meta:
        description = described(
            "Which way a border was crossed.",
            {"ENTERED": "Into the area.", "LEFT": "Out of the area."},
        )

    ENTERED = "entered"
    LEFT = "left"


class GeofenceCrossing(graphene.ObjectType):
    """That a subscriber entered or left an area."""

    crossing = graphene.Field(graphene.NonNull(Crossing), description="Which way.")
    at = graphene.DateTime(
        required=True, description="Until when they were seen where they are now."
    )


_KEY = graphene.ID(
    required=True,
    description="Key of the subscriber; for a partner, what it alone knows them by.",
)


class LocationQuery:
    """Fields of ``Query``."""

    subscriber_location = graphene.Field(
        SubscriberLocation,
        key=_KEY,
        description="Where a subscriber was last; null where nobody knows, or it is not open.",
    )

    @staticmethod
    async def resolve_subscriber_location(_root: None, info: Info, key: str) -> Row | None:
        context = context_of(info)
        subject = await run_sync(_subject, context, key)
        return await _located(context, subject) if subject else None


class LocationSubscription:
    """Fields of ``Subscription``."""

    subscriber_location = graphene.Field(
        SubscriberLocation,
        key=_KEY,
        description="Where a subscriber was last: at once, and whenever they are seen again. It "
        "ends as soon as it is not open any more.",
    )
    geofence = graphene.Field(
        GeofenceCrossing,
        key=_KEY,
        lat_deg=graphene.Float(
            required=True, description="Latitude of the centre, in degrees, -90 to 90."
        ),
        lon_deg=graphene.Float(
            required=True, description="Longitude of the centre, in degrees, -180 to 180."
        ),
        radius_m=graphene.Float(
            required=True, description=f"Radius, in metres, at least {LEAST_RADIUS_M:.0f}."
        ),
        description="That a subscriber entered or left an area, from now on. It ends as soon as "
        "their location is not open any more.",
    )

    @staticmethod
    async def subscribe_subscriber_location(
        _root: None, info: Info, key: str
    ) -> AsyncIterator[Row]:
        async for seen in _seen(context_of(info), key):
            yield seen

    @staticmethod
    async def resolve_subscriber_location(seen: Row, info: Info, **_arguments: Any) -> Row | None:
        return await run_sync(_if_open, context_of(info), seen)

    @staticmethod
    async def subscribe_geofence(
        _root: None, info: Info, key: str, lat_deg: float, lon_deg: float, radius_m: float
    ) -> AsyncIterator[Row]:
        area, was_inside = _area(lat_deg, lon_deg, radius_m), None
        async for seen in _seen(context_of(info), key):
            here = Circle(seen["lat_deg"], seen["lon_deg"], seen["radius_m"])
            is_inside = area.has_centre_of(here)
            if was_inside is not None and is_inside != was_inside:
                yield {**seen, "crossing": "entered" if is_inside else "left"}
            was_inside = is_inside

    @staticmethod
    async def resolve_geofence(crossing: Row, info: Info, **_arguments: Any) -> Row | None:
        return await run_sync(_if_open, context_of(info), crossing)


async def _seen(context: RequestContext, key: str) -> AsyncIterator[Row]:
    """Yield where somebody is, at once and whenever it is another place or a later time."""
    before = None
    every_s = min(_EVERY_S, context.settings.live_interval_s)
    while subject := await run_sync(_subject, context, key):
        with suppress(DatabaseError):  # what happens meanwhile is found when it is back
            found = await _located(context, subject)
            if found is not None and found != before:
                yield found
            before = found
        await sleep(every_s)


def _subject(context: RequestContext, key: str) -> str | None:
    """Return whom a key means; none where the partner who asks may not learn where they are."""
    if context.viewer.role != "partner":
        return key
    subject = context.view.found(key)
    return subject if subject and context.view.is_open(subject, _ITEM) else None


def _if_open(context: RequestContext, seen: Row) -> Row | None:
    """Return what was seen of somebody, if who asks may still be told when it is answered."""
    is_partner = context.viewer.role == "partner"
    is_open = not is_partner or context.view.is_open(seen["subscriber_id"], _ITEM)
    return seen if is_open else None


async def _located(context: RequestContext, subject: str) -> Row | None:
    (found,) = await context.services.gatherer.read("last locations", _read, [subject])
    row: Row | None = found
    return row


async def _read(reader: Reader, keys: Sequence[str]) -> list[Row | None]:
    found = await last_locations(reader, keys)
    return [
        {
            "subscriber_id": key,
            "h3": there.h3,
            "lat_deg": there.area.lat_deg,
            "lon_deg": there.area.lon_deg,
            "radius_m": there.area.radius_m,
            "at": there.at,
        }
        if (there := found.get(key))
        else None
        for key in keys
    ]


def _area(lat_deg: float, lon_deg: float, radius_m: float) -> Circle:
    for name, value in (("latDeg", lat_deg), ("lonDeg", lon_deg)):
        if not -_FARTHEST[name] <= value <= _FARTHEST[name]:
            raise BadInput(f"{name} must be from -{_FARTHEST[name]:.0f} to {_FARTHEST[name]:.0f}")
    if radius_m < LEAST_RADIUS_M:
        raise BadInput(f"radiusM must be at least {LEAST_RADIUS_M:.0f}")
    return Circle(lat_deg, lon_deg, radius_m)
