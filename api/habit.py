"""When and where subscribers usually are active."""

from dataclasses import asdict
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.behaviour import lived
from api.context import context_of
from api.enums import described
from graph.behaviour.habits import MOST_PLACES, stored_habits
from graph.database.session import Row


class DayPart(graphene.Enum):
    """A part of the day, of six hours."""

    class Meta:
        description = described(
            "A part of the day, of six hours.",
            {
                "NIGHT": "From midnight to 6.",
                "MORNING": "From 6 to 12.",
                "AFTERNOON": "From 12 to 18.",
                "EVENING": "From 18 to midnight.",
            },
        )

    NIGHT = "night"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class HabitHour(graphene.ObjectType):
    """An hour of the week with events."""

    weekday = graphene.Int(required=True, description="1 (Monday) to 7.")
    hour = graphene.Int(required=True, description="The hour that begins then, 0 to 23.")
    calls = graphene.Int(required=True, description="Calls; at least 0.")
    messages = graphene.Int(required=True, description="Messages; at least 0.")
    sessions = graphene.Int(required=True, description="Data sessions that began; at least 0.")
    days = graphene.Int(required=True, description="Days with an event then; at least 1.")


class HabitPlace(graphene.ObjectType):
    """A place where the subscriber was active at a part of the day."""

    h3 = graphene.ID(required=True, description="H3 index of the finest size: see `place(h3:)`.")
    share = graphene.Float(
        required=True, description="Of the events then of which the cell is known; above 0, to 1."
    )
    events = graphene.Int(required=True, description="Events then and there; at least 1.")
    days = graphene.Int(required=True, description="Days with an event then and there; >= 1.")


class HabitPart(graphene.ObjectType):
    """A part of the day."""

    part = graphene.Field(graphene.NonNull(DayPart), description="Which.")
    share = graphene.Float(required=True, description="Of all events, from 0 to 1.")
    events = graphene.Int(required=True, description="Events then; at least 0.")
    days = graphene.Int(required=True, description="Days with an event then; at least 0.")
    places = graphene.List(
        graphene.NonNull(HabitPlace),
        required=True,
        description=f"Where, the most days first, at most {MOST_PLACES}.",
    )


class Habits(graphene.ObjectType):
    """When and where somebody is active: calls, messages and data sessions, counted."""

    as_of = graphene.DateTime(required=True, description="When it was computed, in UTC.")
    time_zone = graphene.String(
        required=True, description="Where hours and days begin: IANA's name of the zone."
    )
    calls = graphene.Int(required=True, description="Calls; at least 0.")
    messages = graphene.Int(required=True, description="Messages; at least 0.")
    sessions = graphene.Int(required=True, description="Data sessions that began; at least 0.")
    days = graphene.Int(required=True, description="Days with an event; at least 1.")
    weekend_share = graphene.Float(
        required=True,
        description="Share of events on Saturdays and Sundays, 0 to 1; 0.29 where days do not "
        "differ.",
    )
    hours = graphene.List(
        graphene.NonNull(HabitHour),
        required=True,
        description="The hours of the week with events, from Monday 0 to Sunday 23.",
    )
    parts = graphene.List(
        graphene.NonNull(HabitPart), required=True, description="The four parts of the day."
    )


class HabitsField:
    """The field ``habits`` of ``Subscriber``."""

    habits = graphene.Field(
        Habits,
        description="When and where they usually are active, at the time of the last "
        "`tiegraph analyse behaviour`; an error says so where there was none. Null: no event.",
    )

    @staticmethod
    async def resolve_habits(subscriber: Row, info: Info) -> dict[str, Any] | None:
        folder = context_of(info).settings.behaviour_folder
        key = str(subscriber["subscriber_id"])
        manifest, events = await context_of(info).dataloaders.stored(lived, key, folder=folder)
        found = await run_sync(stored_habits, folder, key, manifest, events)
        told = {"as_of": found.as_of, "time_zone": found.time_zone}
        return told | asdict(found.habits) if found.habits else None
