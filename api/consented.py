"""What a partner sees of subscribers: what they opened to it, for the purpose of its token.

Partners have types of their own, so that no field of another type can lead around consent. Every
resolver here asks the view (``graph.consent.view``) before it reads, and hands on no key but the
partner's pseudonyms.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info
from h3.api import basic_str as h3

from api.consent import ConsentItem
from api.context import RequestContext, context_of
from api.enums import plain
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, window
from api.subscriber import Gender
from graph.behaviour.habits import stored_habits
from graph.behaviour.history import read_events
from graph.consent.reading import (
    all_contacts,
    consenting,
    consenting_page,
    count_consenting,
    open_contacts,
    rows_after,
)
from graph.consent.terms import PERSONAL
from graph.consent.view import Consenting
from graph.database.session import Row
from graph.errors import BadInput, NotAnalysed
from graph.page import BOTTOM, TOP
from graph.place import home, work
from graph.preference.reading import preferences
from graph.settings import Settings
from graph.usage import used_app_counts, used_apps

_AREA_RESOLUTION = 7  # hexagons of 5.2 square kilometres on average
_CONSENTED = "api.consented.ConsentedSubscriber"  # by name, because contacts are such, too


class ConsentedDemographics(graphene.ObjectType):
    """Who a subscriber is, roughly; null where not opened, or unknown."""

    gender = graphene.Field(Gender, description="Gender.")
    birth_year = graphene.Int(description="Year of birth, such as 1980.")
    is_senior = graphene.Boolean(description="Whether of age 65 or more.")
    has_partner = graphene.Boolean(description="Whether living with a partner.")
    has_dependents = graphene.Boolean(description="Whether there are others to care for.")


class ConsentedHour(graphene.ObjectType):
    """An hour of the week at which a subscriber was active."""

    weekday = graphene.Int(required=True, description="1 (Monday) to 7.")
    hour = graphene.Int(required=True, description="The hour that begins then, 0 to 23.")
    share = graphene.Float(required=True, description="Of all activity; above 0, to 1.")


class ConsentedHabits(graphene.ObjectType):
    """When and where a subscriber usually is; null where not opened, or unknown."""

    home = graphene.ID(
        description="The area of the home: an H3 index of resolution 7, about 5 km² large."
    )
    work = graphene.ID(description="The area of the workplace, likewise.")
    times = graphene.List(
        graphene.NonNull(ConsentedHour),
        description="The hours of the week with calls, messages or data sessions, from Monday 0 to "
        "Sunday 23, by the clocks of where people live.",
    )


class ConsentedInterest(graphene.ObjectType):
    """An interest that a subscriber has more of than is usual."""

    key = graphene.ID(required=True, description="Key of the interest, such as `catering`.")
    name = graphene.String(required=True, description="What it is called.")
    part_of = graphene.ID(description="Key of the wider interest that it is part of.")
    score = graphene.Float(
        required=True, description="How much more than is usual, above 0.5 and below 1."
    )
    confidence = graphene.Float(
        required=True, description="Probability that it is more than usual; 0.9 to 1."
    )

    @staticmethod
    def resolve_key(interest: Row, _info: Info) -> str:
        return str(interest["interest_id"])


class ConsentedApp(graphene.ObjectType):
    """An app; one that nobody described has its key alone."""

    key = graphene.ID(required=True, description="`namespace:identifier` of the app.")
    name = graphene.String(description="What it is called.")
    category = graphene.String(description="What it is for, as the source has it.")
    maker = graphene.String(description="Who makes it.")

    @staticmethod
    def resolve_key(app: Row, _info: Info) -> str:
        return str(app["app_id"])


class ConsentedAppEdge(Edge, graphene.ObjectType):
    """An app that the subscriber used."""

    node = graphene.Field(graphene.NonNull(ConsentedApp), description="The app.")
    sessions = graphene.Int(required=True, description="Data sessions, at least 1.")
    duration_s = graphene.BigInt(
        required=True, description="Their lengths where stated, summed, in seconds; at least 0."
    )
    last_on = graphene.Date(description="The day (UTC) on which the last session began.")

    @staticmethod
    def resolve_sessions(edge: Row, _info: Info) -> int:
        return int(edge["rank"])

    @staticmethod
    def resolve_last_on(edge: Row, _info: Info) -> date | None:
        return edge["last_at"].date() if edge["last_at"] else None


class ConsentedAppConnection(Connection, graphene.ObjectType):
    """Apps that the subscriber used, the most sessions first, equals by key."""

    edges = edges_of(ConsentedAppEdge)
    nodes = nodes_of(ConsentedApp)


class ConsentedContactEdge(Edge, graphene.ObjectType):
    """A counterpart who opened that, too."""

    node = graphene.Field(graphene.NonNull(_CONSENTED), description="The counterpart.")
    events = graphene.Int(
        required=True, description="Calls and messages in both directions, at least 1."
    )

    @staticmethod
    def resolve_events(edge: Row, _info: Info) -> int:
        return int(edge["rank"])


class ConsentedContactConnection(Connection, graphene.ObjectType):
    """Counterparts who opened that, too, the most calls and messages first, equals by key."""

    edges = edges_of(ConsentedContactEdge)
    nodes = nodes_of(_CONSENTED)


class ConsentedSubscriber(graphene.ObjectType):
    """A subscriber, as far as they opened something to the partner for the token's purpose.

    What is not open is as if it did not exist: null, or a list without entries.
    """

    key = graphene.ID(
        required=True,
        description="What you alone know the subscriber by; the same for all your purposes.",
    )
    opened = graphene.List(
        graphene.NonNull(ConsentItem),
        required=True,
        description="What they opened, without what concerns them only as one among many.",
    )
    demographics = graphene.Field(ConsentedDemographics, description="Who they are, roughly.")
    habits = graphene.Field(ConsentedHabits, description="When and where they usually are.")
    interests = graphene.List(
        graphene.NonNull(ConsentedInterest),
        required=True,
        description="What they like, the strongest first.",
    )
    apps = graphene.Field(
        graphene.NonNull(ConsentedAppConnection), **paging(), description="Which apps they used."
    )
    contacts = graphene.Field(
        graphene.NonNull(ConsentedContactConnection),
        **paging(),
        description="With whom of those who opened that, too, they call and write.",
    )

    @staticmethod
    def resolve_key(person: Consenting, info: Info) -> str:
        return context_of(info).view.pseudonym(person.subject)

    @staticmethod
    def resolve_opened(person: Consenting, info: Info) -> list[str]:
        return sorted(context_of(info).view.opened_by(person.subject))

    @staticmethod
    async def resolve_demographics(person: Consenting, info: Info) -> Row | None:
        context = context_of(info)
        wanted = _open_parts(context, person, "demographics")
        row = await context.dataloaders.by_key(consenting, person.subject) if wanted else None
        return _known({name: row.get(name) for name in wanted}) if row else None

    @staticmethod
    async def resolve_habits(person: Consenting, info: Info) -> Row | None:
        context = context_of(info)
        wanted = _open_parts(context, person, "habits")
        usual = {"home": home, "work": work}
        found: Row = {
            name: _area(await context.dataloaders.listed(usual[name](person.subject)))
            for name in sorted(wanted & usual.keys())
        }
        if "times" in wanted:
            found["times"] = await run_sync(_times, context.settings, person.subject)
        return _known(found)

    @staticmethod
    async def resolve_interests(person: Consenting, info: Info) -> list[Row]:
        context = context_of(info)
        if not context.view.is_open(person.subject, "interests"):
            return []
        return await context.dataloaders.listed(preferences(person.subject))

    @staticmethod
    async def resolve_apps(
        person: Consenting, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context, order = context_of(info), "consented apps"
        wanted = window(order, context.settings.max_page_size, first, after)
        if not context.view.is_open(person.subject, "apps"):
            return page(wanted, (), _none)
        return await context.dataloaders.page_of_subscriber(
            order, used_apps, used_app_counts, person.subject, first, after
        )

    @staticmethod
    async def resolve_contacts(
        person: Consenting, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context = context_of(info)
        wanted = window("consented contacts", context.settings.max_page_size, first, after)
        rows: list[Row] = []
        if context.view.is_open(person.subject, "contacts"):
            found = await context.dataloaders.by_key(all_contacts, person.subject)
            rows = open_contacts(context.view, found or ())
        shown = rows_after(rows, wanted.mark or TOP, wanted.size + 1)
        return page(wanted, shown, partial(_length, rows))


class ConsentedSubscriberEdge(Edge, graphene.ObjectType):
    """A subscriber in a list of those who opened something."""

    node = graphene.Field(graphene.NonNull(ConsentedSubscriber), description="The subscriber.")


class ConsentedSubscriberConnection(Connection, graphene.ObjectType):
    """Subscribers in an order that says nothing."""

    edges = edges_of(ConsentedSubscriberEdge)
    nodes = nodes_of(ConsentedSubscriber)


class ConsentedQuery:
    """Fields of ``Query``."""

    consented_subscriber = graphene.Field(
        ConsentedSubscriber,
        key=graphene.ID(required=True, description="What you know the subscriber by."),
        description="One subscriber; null where nothing is open to you, or there is nobody.",
    )
    consenting_subscribers = graphene.Field(
        graphene.NonNull(ConsentedSubscriberConnection),
        item=ConsentItem(required=True, description="What they opened."),
        **paging(),
        description="Everybody who opened something to you for the purpose of your token.",
    )

    @staticmethod
    async def resolve_consented_subscriber(_root: None, info: Info, key: str) -> Consenting | None:
        context = context_of(info)
        subject = context.view.found(key)
        is_known = subject and await context.dataloaders.by_key(consenting, subject) is not None
        return Consenting(subject) if subject and is_known else None

    @staticmethod
    async def resolve_consenting_subscribers(
        _root: None, info: Info, item: Any, first: int | None = None, after: str | None = None
    ) -> Page:
        context, name = context_of(info), plain(item)
        if name not in PERSONAL:
            raise BadInput("who opened that is counted only, and in no list")
        wanted = window(f"consenting to {name}", context.settings.max_page_size, first, after)
        mark = wanted.mark or BOTTOM
        rows = await consenting_page(context.reader, context.view, name, mark.key, wanted.size + 1)
        return page(wanted, rows, partial(count_consenting, context.reader, context.view, name))


def _open_parts(context: RequestContext, person: Consenting, item: str) -> set[str]:
    """Return the columns of those parts of an item that are open."""
    parts = (name.partition(".") for name in context.view.opened_by(person.subject))
    return {_column(part) for whole, _, part in parts if whole == item and part}


def _column(part: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", part).lower()


def _known(values: Mapping[str, Any]) -> Row | None:
    """Return what is known; None where nothing is, as where nothing is open."""
    known = {name: value for name, value in values.items() if value is not None}
    return known or None


def _area(usual: Sequence[Row]) -> str | None:
    return h3.cell_to_parent(usual[0]["node"]["h3"], _AREA_RESOLUTION) if usual else None


def _times(settings: Settings, subject: str) -> list[Row] | None:
    """Return the shares of the hours of somebody's week; None where nothing is known."""
    try:
        folder = settings.behaviour_folder
        found = stored_habits(folder, subject, *read_events(folder, [subject]))
    except NotAnalysed:
        return None
    if not found.habits:
        return None
    hours = found.habits.hours
    events = [one.calls + one.messages + one.sessions for one in hours]
    return [
        {"weekday": one.weekday, "hour": one.hour, "share": number / sum(events)}
        for one, number in zip(hours, events, strict=True)
    ]


async def _none() -> int:
    return 0


async def _length(rows: list[Row]) -> int:
    return len(rows)
